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
  /** Undefined when there is no such bridge. */
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

/** The mode that a note tells: its first byte is the plugin (0 subnet, 1 multitenant, 2 networkpolicy). */
export function modeOf(note: string | undefined): SdnMode | undefined {
  return ({ "01": "multitenant", "02": "networkpolicy" } as const)[note?.slice(0, 2) ?? ""];
}
