import { BRIDGE, HOST_PORT } from "./bridge.ts";
import type { BridgeFacts } from "./bridge.ts";
import type { SdnMode } from "./plan.ts";

/** What `--wiring` accepts. */
export type WiringChoice = "auto" | "linux" | "openshift-sdn";

/** By which way pods reach the tunnel, and why it is that one. */
export type Wiring =
  | { readonly kind: "linux"; readonly reason: string }
  | { readonly kind: "openshift-sdn"; readonly reason: string; readonly mode: SdnMode };

/**
 * Decides the wiring from what the bridge says now and what it was before. Without its note a bridge that was the
 * SDN's still is: the note goes with all flows when ovs-vswitchd is restarted.
 *
 * @param facts undefined when there is no bridge
 * @returns the text when the wiring that was asked for cannot be
 */
export function chooseWiring(choice: WiringChoice, facts: BridgeFacts | undefined, before: Wiring | undefined): Wiring | string {
  if (choice === "linux") return { kind: "linux", reason: "--wiring linux" };
  const asked = choice === "openshift-sdn";
  if (facts?.mode) {
    const found = `the note of ${BRIDGE} says ${facts.mode} (${facts.note})`;
    return { kind: "openshift-sdn", mode: facts.mode, reason: asked ? `--wiring openshift-sdn; ${found}` : found };
  }
  if (before?.kind === "openshift-sdn" && facts?.note === undefined) return before;
  const missing = facts ? `the bridge ${BRIDGE} carries ${facts.note === undefined ? "no note of OpenShift SDN in table 253" : `the note ${facts.note}, which tells no mode that is known`}` : `there is no bridge ${BRIDGE} here`;
  return asked ? missing : { kind: "linux", reason: missing };
}

/** What `/status`, the log and `--dry-run` say of it. */
export function showWiring(wiring: Wiring): string {
  const way = wiring.kind === "linux" ? "pods leave and come back through the host's own stack" : `pods go by ${BRIDGE} and ${HOST_PORT} to the host's stack, ${wiring.mode} mode`;
  return `${wiring.kind}: ${way}; ${wiring.reason}`;
}
