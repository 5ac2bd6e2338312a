import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import { serverKey, splitServer } from "../services/server.ts";
import type { ServerKey, Transport } from "../services/server.ts";
import { splitTarget, targetKey } from "../services/target.ts";
import type { TargetKey } from "../services/target.ts";

/** What the name of a chain or set of one server says. */
export interface PrivateName {
  readonly form: "wide" | "sticky";
  readonly server: ServerKey;
  /** Names of a sticky server's target say it, and for how long clients stay with it. */
  readonly target?: TargetKey;
  readonly seconds?: number;
}

/**
 * Name of a chain or set that belongs to one server: `wide/tcp/172.31.0.7/8080`,
 * `sticky/tcp/172.31.0.9/8080/10800/10.20.1.2/8080`. It tells the owner without any memory of ours, and what is
 * different has a different name. A colon may not stand in an identifier of nft, so IPv6 has `_` for it.
 */
export function privateName({ form, server, target, seconds }: PrivateName): string {
  const { transport, address, port } = splitServer(server);
  const parts = [form, transport, address, port];
  if (target !== undefined) {
    const end = splitTarget(target);
    parts.push(seconds ?? 0, end.address, end.port);
  }
  return parts.join("/").replaceAll(":", "_");
}

/** The inverse of `privateName()`; `undefined` for any other name. */
export function parsePrivateName(name: string): PrivateName | undefined {
  const [form, transport, address, port, seconds, target, targetPort] = name.replaceAll("_", ":").split("/");
  if ((form !== "wide" && form !== "sticky") || address === undefined) return undefined;
  const server = serverKey({ transport: transport as Transport, address: address as Address, port: Number(port) });
  if (target === undefined) return { form, server };
  return { form, server, seconds: Number(seconds), target: targetKey(target as Address, Number(targetPort)) };
}

/** Endings of the names of sets, maps and chains by family: `svc4`, `ep6_0`. */
export const suffixOf = (address: Address): "4" | "6" => (familyOf(address) === 4 ? "4" : "6");
