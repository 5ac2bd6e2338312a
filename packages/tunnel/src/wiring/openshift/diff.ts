import type { FlowMatch, FlowOp, FlowState } from "./flow.ts";

/**
 * Lists the changes that turn `observed` into `desired`: adds, which also replace, before deletes.
 *
 * @param observed our flows alone; those of others are invisible
 * @param mayDelete whether a flow that nobody wants may go already
 */
export function diffFlows(observed: FlowState, desired: FlowState, mayDelete: (match: FlowMatch) => boolean = () => true): FlowOp[] {
  const adds = [...desired].filter(([match, actions]) => observed.get(match) !== actions);
  const deletes = [...observed.keys()].filter((match) => !desired.has(match) && mayDelete(match));
  return [
    ...adds.map(([match, actions]): FlowOp => ({ kind: "add-flow", match, actions })),
    ...deletes.map((match): FlowOp => ({ kind: "delete-flow", match })),
  ];
}
