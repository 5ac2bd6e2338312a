import type { FlowMatch, FlowOp } from "./flow.ts";
import { parseFlows } from "./flow.ts";

const out = /^table=0,priority=300,ip,nw_src=(?<near>[\d./]+),nw_dst=(?<far>[\d./]+)$/;
const back = /^table=0,priority=300,ip,in_port=(?<port>\d+),nw_src=(?<far>[\d./]+),nw_dst=(?<near>[\d./]+)$/;

/**
 * Recognises the flows of the original project of 2018 in what table 0 has: cookie 0, so only their form tells them.
 * They lead past every policy, and come before ours. A pair belongs together: out to a port by a new MAC, and back
 * in from that port to table 30 with the addresses swapped; half a pair is somebody else's.
 *
 * @param printed from `ovs-ofctl --no-names --no-stats dump-flows BRIDGE table=0`
 * @returns what removes them
 */
export function findOriginalFlows(printed: string): FlowOp[] {
  const flows = parseFlows(printed).filter(({ cookie }) => Number(cookie) === 0);
  const ways = new Map<string, FlowMatch>();
  for (const { match, actions } of flows) {
    const port = /^set_field:[0-9a-f:]{17}->eth_dst,output:(\d+)$/.exec(actions)?.[1];
    const { near, far } = out.exec(match)?.groups ?? {};
    if (port !== undefined && near !== undefined) ways.set(`${port} ${near} ${far}`, match);
  }
  return flows.flatMap(({ match, actions }) => {
    const { port, near, far } = back.exec(match)?.groups ?? {};
    const pair = actions === "goto_table:30" ? ways.get(`${port} ${near} ${far}`) : undefined;
    return pair ? [pair, match].map((one): FlowOp => ({ kind: "delete-flow", match: one, cookie: "0x0" })) : [];
  });
}
