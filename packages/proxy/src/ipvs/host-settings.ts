import type { KeptSysctls } from "@sdn-tunnel/common/kernel/sysctls";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { ArpRules } from "./arp.ts";
import type { InputRules } from "./input.ts";

/** What the host must be like for IPVS to work, and is put back when it is no longer needed. */
export interface HostSettings {
  /**
   * @param prefixes service prefixes that clients of this node connect to
   * @param own this node's own mesh address of IPv4
   */
  ensure(prefixes: readonly Prefix[], own: Address | undefined): Promise<void>;
  /** Puts everything back as it was; nothing to put back is no error. */
  remove(): Promise<void>;
}

/**
 * Kernel settings without which IPVS misbehaves (kernel's ipvs-sysctl document). Without conntrack, pod TCP is dropped
 * by kube-proxy's rule for INVALID packets and the guard resets open connections. Without the others, clients of a
 * destination that is gone hang instead of being refused or led elsewhere, and affinity leads to ones that drain.
 */
export const IPVS_SYSCTLS: ReadonlyMap<string, string> = new Map([
  ["net/ipv4/vs/conntrack", "1"],
  ["net/ipv4/vs/expire_nodest_conn", "1"],
  ["net/ipv4/vs/expire_quiescent_template", "1"],
]);

export class IpvsSettings implements HostSettings {
  readonly #sysctls: KeptSysctls;
  readonly #input: InputRules;
  readonly #arp: ArpRules;

  constructor(sysctls: KeptSysctls, { input, arp }: { readonly input: InputRules; readonly arp: ArpRules }) {
    this.#sysctls = sysctls;
    this.#input = input;
    this.#arp = arp;
  }

  async ensure(prefixes: readonly Prefix[], own: Address | undefined): Promise<void> {
    await this.#sysctls.ensure(IPVS_SYSCTLS);
    await this.#input.ensure(prefixes);
    await this.#arp.ensure(prefixes, own);
  }

  async remove(): Promise<void> {
    await this.#arp.ensure([], undefined);
    await this.#input.ensure([]);
    await this.#sysctls.restore();
  }
}
