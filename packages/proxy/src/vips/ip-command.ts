import type { CommandRunner } from "@sdn-tunnel/common/daemon/command";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import type { Family } from "@sdn-tunnel/common/net/address";
import type { HostFacts, HostNetwork } from "./host.ts";

interface AddressRow {
  readonly ifname: string;
  readonly addr_info: readonly { readonly local?: string; readonly scope: string }[];
}

interface RouteRow {
  readonly dev?: string;
  readonly metric?: number;
}

/** This node's network as ip(8) prints it. */
export class IpCommand implements HostNetwork {
  readonly #commands: CommandRunner;

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  async read(): Promise<HostFacts> {
    const rows = await this.#run<AddressRow>("address", "show");
    const addresses = rows.flatMap(({ ifname, addr_info }) =>
      addr_info.flatMap(({ local, scope }) => (local === undefined || scope !== "global" ? [] : [{ device: ifname, address: parseAddress(local) }])),
    );
    const defaultDevices = new Map<Family, string>();
    for (const family of [4, 6] as const) {
      const routes = await this.#run<RouteRow>(`-${family}`, "route", "show", "default", "table", "main");
      // The kernel takes the lowest metric; one with several next hops names no device.
      const [best] = routes.toSorted((a, b) => (a.metric ?? 0) - (b.metric ?? 0)).flatMap(({ dev }) => dev ?? []);
      if (best !== undefined) defaultDevices.set(family, best);
    }
    return { addresses, defaultDevices };
  }

  async #run<T>(...args: string[]): Promise<T[]> {
    const text = (await this.#commands.run(["ip", "-j", ...args])).trim();
    return text === "" ? [] : (JSON.parse(text) as T[]);
  }
}
