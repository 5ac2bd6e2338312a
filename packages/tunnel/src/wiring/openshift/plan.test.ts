import assert from "node:assert/strict";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import fc from "fast-check";
import { describe, it } from "vitest";
import { diffFlows } from "./diff.ts";
import { FakeBridge } from "./fake.ts";
import { remotePrefixOf, showFlowOp } from "./flow.ts";
import type { FlowState } from "./flow.ts";
import { planFlows } from "./plan.ts";
import type { FlowContext } from "./plan.ts";

const M = "3a:11:22:33:44:55";
const base: FlowContext = { mode: "networkpolicy", tun0: { mac: M, port: 2 }, remotePods: [], remoteServices: [], localPods: [parsePrefix("10.128.0.0/23")] };
const prefixes = (...texts: string[]) => texts.map(parsePrefix);

const cases: { name: string; context: Partial<FlowContext>; want: string[] }[] = [
  { name: "nothing for nobody", context: {}, want: [] },
  {
    name: "F1 and F3 for remote pods, with a reserved network id, in networkpolicy mode",
    context: { remotePods: prefixes("10.132.0.0/14") },
    want: [
      `add cookie=0x5d7e0001,table=101,priority=200,ip,nw_dst=10.132.0.0/14,actions=ct(commit),set_field:${M}->eth_dst,output:2`,
      "add cookie=0x5d7e0001,table=0,priority=350,ip,in_port=2,nw_src=10.132.0.0/14,nw_dst=10.128.0.0/23,actions=load:0xfffffe->NXM_NX_REG0[],goto_table:30",
    ],
  },
  {
    name: "F3 without network id in multitenant mode",
    context: { mode: "multitenant", remotePods: prefixes("10.132.0.0/14") },
    want: [
      `add cookie=0x5d7e0001,table=101,priority=200,ip,nw_dst=10.132.0.0/14,actions=ct(commit),set_field:${M}->eth_dst,output:2`,
      "add cookie=0x5d7e0001,table=0,priority=350,ip,in_port=2,nw_src=10.132.0.0/14,nw_dst=10.128.0.0/23,actions=goto_table:30",
    ],
  },
  {
    name: "the same in subnet mode, where there is one network",
    context: { mode: "subnet", remotePods: prefixes("10.132.0.0/14") },
    want: [
      `add cookie=0x5d7e0001,table=101,priority=200,ip,nw_dst=10.132.0.0/14,actions=ct(commit),set_field:${M}->eth_dst,output:2`,
      "add cookie=0x5d7e0001,table=0,priority=350,ip,in_port=2,nw_src=10.132.0.0/14,nw_dst=10.128.0.0/23,actions=goto_table:30",
    ],
  },
  {
    name: "F1s alone, without ct(commit), for remote Services",
    context: { remoteServices: prefixes("172.31.0.0/16") },
    want: [`add cookie=0x5d7e0001,table=101,priority=200,ip,nw_dst=172.31.0.0/16,actions=set_field:${M}->eth_dst,output:2`],
  },
  { name: "nothing for IPv6, which the SDN does not carry", context: { remotePods: prefixes("fd00:132::/48"), remoteServices: prefixes("fd00:31::/112") }, want: [] },
  {
    name: "the port that tun0 has",
    context: { tun0: { mac: M, port: 7 }, remotePods: prefixes("10.9.9.9/32") },
    want: [
      `add cookie=0x5d7e0001,table=101,priority=200,ip,nw_dst=10.9.9.9,actions=ct(commit),set_field:${M}->eth_dst,output:7`,
      "add cookie=0x5d7e0001,table=0,priority=350,ip,in_port=7,nw_src=10.9.9.9,nw_dst=10.128.0.0/23,actions=load:0xfffffe->NXM_NX_REG0[],goto_table:30",
    ],
  },
];

describe("planFlows()", () => {
  for (const { name, context, want } of cases)
    it(`plans ${name}`, () => assert.deepEqual(diffFlows(new Map(), planFlows({ ...base, ...context })).map(showFlowOp), want));

  it("never commits a connection to a Service, which the host could not translate then", () => {
    const flows = planFlows({ ...base, remotePods: prefixes("10.132.0.0/14"), remoteServices: prefixes("172.31.0.0/16", "172.28.0.0/16") });
    const toServices = [...flows].filter(([match]) => match.includes("172.")).map(([, actions]) => actions);
    assert.deepEqual([toServices.length, toServices.filter((actions) => actions.includes("ct("))], [2, []]);
  });
});

describe("diffFlows()", () => {
  const states: FlowState[] = [
    { ...base },
    { ...base, remotePods: prefixes("10.132.0.0/14") },
    { ...base, remotePods: prefixes("10.132.0.0/14"), tun0: { mac: "3a:11:22:33:44:66", port: 2 } },
    { ...base, mode: "multitenant" as const, remotePods: prefixes("10.132.0.0/14", "10.136.0.0/14"), remoteServices: prefixes("172.31.0.0/16") },
    { ...base, remoteServices: prefixes("10.132.0.0/14") },
  ].map(planFlows);

  for (const [i, from] of states.entries())
    for (const [j, to] of states.entries())
      it(`converges from state ${i} to state ${j}, adds first`, async () => {
        const bridge = new FakeBridge();
        await bridge.apply(diffFlows(new Map(), from));
        const ops = diffFlows(await bridge.list(), to);
        await bridge.apply(ops);
        assert.deepEqual(await bridge.list(), to);
        assert.deepEqual(ops.map(({ kind }) => kind), ops.map(({ kind }) => kind).toSorted());
        assert.equal(ops.length > 0, i !== j);
      });

  it("keeps what may not be deleted yet", () => {
    const kept = parsePrefix("10.132.0.0/14");
    assert.deepEqual(diffFlows(states[3]!, new Map(), (match) => remotePrefixOf(match) !== kept).map(showFlowOp).filter((line) => line.includes(kept)), []);
  });

  it("tells each flow's remote prefix", () =>
    fc.assert(
      fc.property(fc.nat(255), fc.integer({ min: 8, max: 32 }), (b, length) => {
        const remote = parsePrefix(length <= 16 ? `11.0.0.0/${length}` : `11.${b}.0.0/${length}`);
        const flows = planFlows({ ...base, remotePods: [remote], remoteServices: [remote] });
        assert.deepEqual([...flows.keys()].map(remotePrefixOf), [remote, remote]);
      }),
    ));
});
