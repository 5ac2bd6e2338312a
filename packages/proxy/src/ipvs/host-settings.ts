import type { KeptSysctls } from "@sdn-tunnel/common/kernel/sysctls";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { InputRules } from "./input.ts";

/** What the host must be like for IPVS to work, and is put back when it is no longer needed. */
export interface HostSettings {
  /** @param prefixes service prefixes that clients of this node connect to */
  ensure(prefixes: readonly Prefix[]): Promise<void>;
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

  constructor(sysctls: KeptSysctls, input: InputRules) {
    this.#sysctls = sysctls;
    this.#input = input;
  }

  async ensure(prefixes: readonly Prefix[]): Promise<void> {
    await this.#sysctls.ensure(IPVS_SYSCTLS);
    await this.#input.ensure(prefixes);
  }

  async remove(): Promise<void> {
    await this.#input.ensure([]);
    await this.#sysctls.restore();
  }
}
