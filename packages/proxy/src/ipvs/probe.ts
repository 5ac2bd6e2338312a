import { existsSync } from "node:fs";
import { CommonError, messageOf } from "@sdn-tunnel/common/errors";
import type { Sysctls } from "@sdn-tunnel/common/kernel/sysctls";
import { ProxyError } from "../errors.ts";
import type { ServerKey } from "../services/server.ts";
import { IPVS_SYSCTLS } from "./host-settings.ts";
import type { IpvsTable } from "./table.ts";

/** A service that serves nobody: an address that is not in use anywhere (RFC 5737), port discard. */
const TRIAL = "tcp/192.0.2.0:9" as ServerKey;

/** A door to IPVS that works, or why none does. */
export type Probe = { readonly door: string; readonly table: IpvsTable } | { readonly reason: string };

/**
 * Tries out whether the kernel takes a virtual service and settings from us: what modules it has says little.
 *
 * @param doors in the order of preference, by name
 */
export async function tryIpvs(doors: Readonly<Record<string, IpvsTable>>, sysctls: Sysctls): Promise<Probe> {
  const reasons: string[] = [];
  for (const [door, table] of Object.entries(doors)) {
    const reason = await tryTable(table).catch(shortly);
    if (reason === undefined) return (await trySysctls(sysctls)) ?? { door, table };
    reasons.push(`${door}: ${reason}`);
  }
  return { reason: reasons.join("; ") };
}

/** The same without changing anything: for `--dry-run`. */
export function guessIpvs(doors: Readonly<Record<string, IpvsTable>>): Probe {
  const [first] = Object.entries(doors);
  if (first && existsSync("/proc/net/ip_vs")) return { door: first[0], table: first[1] };
  return { reason: "there is no /proc/net/ip_vs; it is tried out at a start only" };
}

async function tryTable(table: IpvsTable): Promise<string | undefined> {
  const { failed } = await table.apply([{ kind: "add-service", service: TRIAL, settings: { scheduler: "rr" } }]);
  if (failed[0]) return failed[0].errno;
  const { failed: left } = await table.apply([{ kind: "delete-service", service: TRIAL }]);
  return left[0]?.errno;
}

/** In as few words as a metric's label should have. */
function shortly(error: unknown): string {
  const fault = error instanceof CommonError ? error.fault : undefined;
  if (fault?.code === "NETLINK_REFUSED") return fault.errno;
  if (error instanceof ProxyError && error.fault.code === "MODULE_MISSING") return `no module ${error.fault.module}`;
  return fault?.code === "COMMAND_MISSING" ? "not installed" : messageOf(error);
}

async function trySysctls(sysctls: Sysctls): Promise<Probe | undefined> {
  for (const name of IPVS_SYSCTLS.keys()) {
    const value = await sysctls.read(name);
    if (value === undefined) return { reason: `the kernel has no setting ${name}` };
    try {
      await sysctls.write(name, value);
    } catch (error) {
      return { reason: `${name} cannot be set: ${messageOf(error)}` };
    }
  }
  return undefined;
}
