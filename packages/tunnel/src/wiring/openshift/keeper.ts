import type { Condition } from "@sdn-tunnel/common/daemon/status";
import { CommonError, messageOf } from "@sdn-tunnel/common/errors";
import { TunnelError } from "../../errors.ts";
import { BRIDGE, doubtOf, HOST_PORT } from "./bridge.ts";
import type { Bridge, BridgeFacts } from "./bridge.ts";
import { chooseWiring } from "./choose.ts";
import type { Wiring, WiringChoice } from "./choose.ts";
import type { FlowDemand } from "./demand.ts";
import { diffFlows } from "./diff.ts";
import { remotePrefixOf } from "./flow.ts";
import type { FlowMatch, FlowOp } from "./flow.ts";
import { planFlows } from "./plan.ts";

export interface BridgeKeeperNeeds {
  readonly bridge: Bridge;
  readonly choice: WiringChoice;
  /** Whether the flows of the original project of 2018 are to be removed. */
  readonly removeOriginal: boolean;
  /** A device named tun0 is here: without, nobody need ask Open vSwitch. */
  readonly hostPortExists: () => Promise<boolean>;
  /** Told of every change of the wiring. */
  readonly wired: (wiring: Wiring) => void;
  /** Told what was applied, and how many of these flows had been there and were lost. */
  readonly applied: (ops: readonly FlowOp[], lost: number) => void;
}

/** Keeps the SDN's bridge as the tunnel needs it. It reads the flows each time, and writes only what differs. */
export class BridgeKeeper {
  readonly #needs: BridgeKeeperNeeds;
  #wiring: Wiring | undefined;
  /** What the bridge acknowledged. */
  readonly #written = new Set<FlowMatch>();
  #demand: FlowDemand | undefined;
  /** What `conditions()` saw, for the pass that asked it: looking starts two programs. Nothing happened since. */
  #seen: BridgeFacts | undefined;
  /** How often something happened. */
  #happened = 0;
  /** Ends when nobody writes: what one reads, another must not change meanwhile. */
  #turn: Promise<void> = Promise.resolve();

  constructor(needs: BridgeKeeperNeeds) {
    this.#needs = needs;
  }

  get wiring(): Wiring {
    return this.#wiring ?? { kind: "linux", reason: "the bridge has not been asked yet" };
  }

  /** Brings our flows into the bridge. @throws {TunnelError} BRIDGE_UNUSABLE, while the bridge is not as it must be */
  async ensure(demand: FlowDemand): Promise<void> {
    this.#demand = demand;
    await this.#inTurn(demand);
  }

  /**
   * Brings back what was last wanted, where flows were lost: pods cannot wait for a pass, which reads the whole kernel.
   * Does nothing before anything was wanted.
   *
   * @returns whether anything was other than it was
   * @throws {TunnelError} as `ensure()`
   */
  async restore(): Promise<boolean> {
    this.#seen = undefined;
    this.#happened++;
    return this.#demand !== undefined && (await this.#inTurn(this.#demand));
  }

  #inTurn(demand: FlowDemand): Promise<boolean> {
    const mine = this.#turn.then(() => this.#bring(demand));
    this.#turn = mine.then(() => {}, () => {}); // told to whom it was for
    return mine;
  }

  async #bring(demand: FlowDemand): Promise<boolean> {
    const before = this.#wiring;
    const ops = await this.plan(demand);
    if (ops.length > 0) await this.#write(ops);
    return ops.length > 0 || this.#wiring !== before;
  }

  async #write(ops: readonly FlowOp[]): Promise<void> {
    await this.#needs.bridge.apply(ops);
    const lost = ops.filter((op) => op.kind === "add-flow" && this.#written.has(op.match)).length;
    for (const { kind, match } of ops) if (kind === "add-flow") this.#written.add(match);
      else this.#written.delete(match);
    this.#needs.applied(ops, lost);
  }

  /** What `ensure()` would apply. */
  async plan(demand: FlowDemand): Promise<FlowOp[]> {
    const facts = this.#seen ?? (await this.#look());
    this.#seen = undefined;
    const { wiring } = this;
    if (wiring.kind === "linux") return [];
    if (!facts?.tun0) throw unusable(`it is not there, or without its port ${HOST_PORT}`);
    const { bridge, removeOriginal } = this.#needs;
    const observed = await bridge.list();
    const desired = planFlows({ mode: wiring.mode, tun0: facts.tun0, ...demand });
    const original = removeOriginal ? await bridge.findOriginal() : [];
    return [...diffFlows(observed, desired, (match) => demand.mayRemove(remotePrefixOf(match))), ...original];
  }

  /** What of the bridge an operator should know. */
  async conditions(): Promise<Condition[]> {
    const object = `bridge ${BRIDGE}`;
    const before = this.#happened;
    let facts: BridgeFacts | undefined;
    try {
      facts = await this.#look();
    } catch (error) {
      return [{ object, type: "BridgeUnusable", message: messageOf(error) }];
    }
    if (this.#happened === before) this.#seen = facts;
    const doubt = doubtOf(facts?.note);
    return [...(doubt === undefined ? [] : [{ object, type: "UnknownNote", message: doubt }]), ...(await this.#originalFlows(object))];
  }

  async #originalFlows(object: string): Promise<Condition[]> {
    const { bridge, removeOriginal } = this.#needs;
    if (this.wiring.kind === "linux" || removeOriginal) return [];
    const { length } = await bridge.findOriginal();
    if (length === 0) return [];
    const message = `table 0 has ${length} flows of the original project (cookie 0): they lead past every policy to its tunnel pod; --remove-original-flows removes them`;
    return [{ object, type: "OriginalFlows", message }];
  }

  async #look(): Promise<BridgeFacts | undefined> {
    const { bridge, choice, hostPortExists, wired } = this.#needs;
    const ask = choice === "openshift-sdn" || this.#wiring?.kind === "openshift-sdn" || (choice === "auto" && (await hostPortExists()));
    const asked = ask ? await bridge.facts().catch((error: unknown) => this.#withoutTool(error)) : undefined;
    const facts = typeof asked === "object" ? asked : undefined;
    const wiring: Wiring | string = typeof asked === "string" ? { kind: "linux", reason: asked } : chooseWiring(choice, facts, this.#wiring);
    if (typeof wiring === "string") throw unusable(`--wiring openshift-sdn, but ${wiring}`);
    if (wiring.kind === this.#wiring?.kind && wiring.reason === this.#wiring.reason) return facts;
    this.#wiring = wiring;
    wired(wiring);
    return facts;
  }

  /** Many a VPN has a tun0 too: where nothing says that there is such a bridge, nobody need have the program to ask for it. */
  #withoutTool(error: unknown): string {
    const reason = missing(error);
    if (reason === undefined || this.#needs.choice !== "auto" || this.#wiring?.kind === "openshift-sdn") throw error;
    return reason;
  }
}

/** The error's text, when it is that the program is not installed. */
const missing = (error: unknown): string | undefined => (error instanceof CommonError && error.fault.code === "COMMAND_MISSING" ? error.message : undefined);

const unusable = (reason: string): TunnelError => new TunnelError({ code: "BRIDGE_UNUSABLE", bridge: BRIDGE, reason });
