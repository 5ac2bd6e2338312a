import { modeOf } from "./bridge.ts";
import type { Bridge, BridgeFacts } from "./bridge.ts";
import { COOKIE, parseFlows, showFlowOp } from "./flow.ts";
import type { FlowMatch, FlowOp, FlowState } from "./flow.ts";
import { findOriginalFlows } from "./original.ts";

/** A bridge in memory, as strict as Open vSwitch: it reads the same lines, and all or none of a bundle holds. */
export class FakeBridge implements Bridge {
  /** Undefined: there is no bridge. */
  flows: Map<FlowMatch, { readonly cookie: string; readonly actions: string }> | undefined;
  tun0: BridgeFacts["tun0"] = { mac: "02:00:00:00:00:02", port: 2 };
  /** How many bundles were applied. */
  bundles = 0;

  /** @param printed flows of others that are there first, as ovs-ofctl(8) prints them */
  constructor(printed = "") {
    this.rebuild(printed);
  }

  /** What the SDN does when it deletes the bridge and makes it anew. */
  rebuild(printed: string): void {
    this.flows = new Map(parseFlows(printed).map(({ match, ...flow }) => [match, flow]));
  }

  async facts(): Promise<BridgeFacts | undefined> {
    if (!this.flows) return undefined;
    const note = /^note:(.*)$/.exec(this.flows.get("table=253" as FlowMatch)?.actions ?? "")?.[1];
    return { note, mode: modeOf(note), tun0: this.tun0 };
  }

  async list(): Promise<FlowState> {
    return new Map([...(this.flows ?? [])].filter(([, { cookie }]) => cookie === COOKIE).map(([match, { actions }]) => [match, actions]));
  }

  async findOriginal(): Promise<FlowOp[]> {
    return findOriginalFlows([...(this.flows ?? [])].map(([match, { cookie, actions }]) => `cookie=${cookie},${match} actions=${actions}`).join("\n"));
  }

  async apply(ops: readonly FlowOp[]): Promise<void> {
    if (ops.length === 0) return;
    if (!this.flows) throw new Error("ovs-ofctl: br0 is not a bridge or a socket");
    const next = new Map(this.flows);
    for (const op of ops) {
      if (op.kind === "delete-flow" && next.get(op.match)?.cookie === (op.cookie ?? COOKIE)) next.delete(op.match);
      if (op.kind === "add-flow" && !/^(?:[a-z_]+:|ct\()/.test(op.actions)) throw new Error(`ovs-ofctl: -:1: unknown action: ${showFlowOp(op)}`);
      if (op.kind === "add-flow") next.set(op.match, { cookie: COOKIE, actions: op.actions });
    }
    this.flows = next;
    this.bundles += 1;
  }
}
