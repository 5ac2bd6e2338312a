import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { FlowMatch, FlowState } from "./flow.ts";

/** How OpenShift SDN keeps projects apart; in subnet mode it does not. */
export type SdnMode = "networkpolicy" | "multitenant" | "subnet";

export interface FlowContext {
  readonly mode: SdnMode;
  /** The port of the bridge that leads to the host. */
  readonly tun0: { readonly mac: string; readonly port: number };
  readonly remotePods: readonly Prefix[];
  readonly remoteServices: readonly Prefix[];
  /** Pod addresses behind this node. */
  readonly localPods: readonly Prefix[];
}

/**
 * The network id that remote pods get where NetworkPolicy holds. A real one would be let in by policies for its
 * namespace: 0, which packets from tun0 have, is the namespace `default`. OpenShift gives out ids from 1.
 */
const RESERVED_VNID = "0xfffffe";

/**
 * The flows that the bridge needs besides its own way to the host, which EgressNetworkPolicy (table 100) precedes:
 *
 * - to remote pods (table 101), with ct(commit), so that an isolated pod gets its replies also where the bridge's
 *   conntrack is not the host's; and with tun0's MAC, since pods go on using that of a bridge which was rebuilt;
 * - to remote Services, the same without ct(commit): the host must still be able to translate the connection;
 * - from remote pods (table 0), with a network id of their own; in multitenant mode without, since 0 may reach all,
 *   and in subnet mode, where 0 is everybody's.
 *
 * The SDN carries IPv4 only, so prefixes of IPv6 have no flows.
 */
export function planFlows({ mode, tun0, remotePods, remoteServices, localPods }: FlowContext): FlowState {
  const flows = new Map<FlowMatch, string>();
  const toHost = `set_field:${tun0.mac}->eth_dst,output:${tun0.port}`;
  const admit = mode === "networkpolicy" ? `load:${RESERVED_VNID}->NXM_NX_REG0[],goto_table:30` : "goto_table:30";
  for (const remote of ipv4(remoteServices)) flows.set(outbound(remote), toHost);
  for (const remote of ipv4(remotePods)) {
    flows.set(outbound(remote), `ct(commit),${toHost}`);
    for (const local of ipv4(localPods)) flows.set(inbound(tun0.port, remote, local), admit);
  }
  return flows;
}

const outbound = (remote: string): FlowMatch => `table=101,priority=200,ip,nw_dst=${remote}` as FlowMatch;

const inbound = (port: number, remote: string, local: string): FlowMatch =>
  `table=0,priority=350,ip,in_port=${port},nw_src=${remote},nw_dst=${local}` as FlowMatch;

/** As ovs-ofctl(8) prints them: a single address without its length. */
const ipv4 = (prefixes: readonly Prefix[]): string[] =>
  prefixes.filter((prefix) => rangeOf(prefix).family === 4).map((prefix) => prefix.replace(/\/32$/, ""));
