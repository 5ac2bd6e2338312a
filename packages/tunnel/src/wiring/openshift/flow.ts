import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";

/** Cookie of our flows, and of nobody else's; by it alone they are found, changed and removed. */
export const COOKIE = "0x5d7e0001";

/**
 * What a flow applies to, as ovs-ofctl(8) prints it with `--no-names`, and with the table always in front:
 * `table=101,priority=200,ip,nw_dst=10.132.0.0/14`.
 */
export type FlowMatch = string & { readonly __brand: "FlowMatch" };

/** Our flows on a bridge: actions by match. */
export type FlowState = ReadonlyMap<FlowMatch, string>;

export type FlowOp =
  | { readonly kind: "add-flow"; readonly match: FlowMatch; readonly actions: string }
  | { readonly kind: "delete-flow"; readonly match: FlowMatch; /** Default ours. */ readonly cookie?: string };

/** One change as a line for `ovs-ofctl --bundle add-flows`; adding what has the same match replaces it. */
export function showFlowOp(op: FlowOp): string {
  if (op.kind === "add-flow") return `add cookie=${COOKIE},${op.match},actions=${op.actions}`;
  return `delete_strict cookie=${op.cookie ?? COOKIE}/-1,${op.match}`;
}

/** Flows with their cookies, from `ovs-ofctl --no-names --no-stats dump-flows`. */
export function parseFlows(printed: string): { readonly cookie: string; readonly match: FlowMatch; readonly actions: string }[] {
  return printed.split("\n").flatMap((line) => {
    const [, text = "", actions] = /^ *(.*?) *actions=(.*)$/.exec(line) ?? [];
    if (actions === undefined) return [];
    const fields = text.split(/, */).filter((field) => field !== "");
    const valueOf = (name: string): string | undefined => fields.find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1);
    const rest = fields.filter((field) => !/^(?:cookie|table)=/.test(field));
    return [{ cookie: valueOf("cookie") ?? "0x0", match: [`table=${valueOf("table") ?? 0}`, ...rest].join(",") as FlowMatch, actions }];
  });
}

/** The remote prefix that a flow of ours leads to, or admits: its destination in table 101, its source in table 0. */
export function remotePrefixOf(match: FlowMatch): Prefix {
  const field = match.startsWith("table=0,") ? "nw_src" : "nw_dst";
  const value = new RegExp(`\\b${field}=([0-9./]+)`).exec(match)?.[1] ?? "0.0.0.0/0";
  return parsePrefix(value.includes("/") ? value : `${value}/32`);
}
