import type { FlowOp, FlowState } from "./flow.ts";
import type { SdnMode } from "./plan.ts";

/** The name that OpenShift SDN gives its bridge, and that of its port to the host. */
export const [BRIDGE, HOST_PORT] = ["br0", "tun0"];

/** What a bridge says of itself. */
export interface BridgeFacts {
  /** The SDN's note in table 253, `02.0d.00.00.00.00`, which it writes last; absent while it builds, or on other bridges. */
  readonly note: string | undefined;
  /** From the note; undefined also for a plugin that is not supported. */
  readonly mode: SdnMode | undefined;
  readonly tun0: { readonly mac: string; readonly port: number } | undefined;
}

/** The SDN's bridge on this node: the only door through which its flows are changed. */
export interface Bridge {
  /** Undefined when there is no such bridge. @throws {CommonError} COMMAND_FAILED, COMMAND_MISSING */
  facts(): Promise<BridgeFacts | undefined>;
  /** Our flows, found by their cookie; none where there is no bridge. */
  list(): Promise<FlowState>;
  /** What would remove the flows of the original project; none where there is no bridge. */
  findOriginal(): Promise<FlowOp[]>;
  /**
   * Applies all of `ops`, or nothing.
   *
   * @throws {CommonError} COMMAND_FAILED, COMMAND_MISSING
   */
  apply(ops: readonly FlowOp[]): Promise<void>;
}

const modes: Readonly<Record<string, SdnMode>> = { "00": "subnet", "01": "multitenant", "02": "networkpolicy" };

/** The version of the SDN's rules for which our flows were measured (openshift/sdn 18a57d7). */
const RULES = 13;

/** The mode that a note tells: its first byte is the plugin. The second one, the version of the rules, is never 0. */
export function modeOf(note: string | undefined): SdnMode | undefined {
  return versionOf(note) === 0 ? undefined : modes[note?.slice(0, 2) ?? ""];
}

/** What a note leaves open, of which an operator should know; `undefined` when it tells all that is needed. */
export function doubtOf(note: string | undefined): string | undefined {
  if (note === undefined) return undefined;
  const version = versionOf(note);
  if (modeOf(note) === undefined) return `the note ${note} tells no mode that is known: nothing is written to the bridge, and pods may not get their replies, or policies not hold`;
  if (version !== RULES) return `the note ${note} tells version ${version} of the SDN's rules, our flows were measured with ${RULES}: see that table 101 is on the way of what leaves pods, and table 30 on that of what enters`;
  return undefined;
}

const versionOf = (note = ""): number => Number.parseInt(note.slice(3, 5), 16);
