import assert from "node:assert/strict";
import { CommonError } from "@sdn-tunnel/common/errors";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { describe, it } from "vitest";
import type { Wiring, WiringChoice } from "./choose.ts";
import { showWiring } from "./choose.ts";
import type { FlowDemand } from "./demand.ts";
import { FakeBridge } from "./fake.ts";
import { COOKIE } from "./flow.ts";
import type { FlowMatch } from "./flow.ts";
import { BridgeKeeper } from "./keeper.ts";
import { trueFlows } from "./vswitch.netns.ts";

const demand = (changes: Partial<FlowDemand> = {}): FlowDemand => ({
  remotePods: [parsePrefix("10.132.0.0/14")],
  remoteServices: [parsePrefix("172.31.0.0/16")],
  localPods: [parsePrefix("10.128.0.0/23")],
  mayRemove: () => true,
  ...changes,
});

interface Options {
  readonly choice?: WiringChoice;
  readonly removeOriginal?: boolean;
  readonly hostPort?: boolean;
}

function keep(bridge: FakeBridge, { choice = "auto", removeOriginal = false, hostPort = true }: Options = {}) {
  const lost: number[] = [];
  const wirings: Wiring[] = [];
  const keeper = new BridgeKeeper({
    bridge,
    choice,
    removeOriginal,
    hostPortExists: async () => hostPort,
    wired: (wiring) => void wirings.push(wiring),
    applied: (_, count) => void lost.push(count),
  });
  return { keeper, lost, wirings };
}

const original = [
  " priority=300,ip,nw_src=10.128.0.0/14,nw_dst=10.132.0.0/14 actions=set_field:0a:58:0a:80:00:09->eth_dst,output:9",
  " priority=300,ip,in_port=9,nw_src=10.132.0.0/14,nw_dst=10.128.0.0/14 actions=goto_table:30",
];

describe("BridgeKeeper", () => {
  it("writes once, and nothing while nothing differs", async () => {
    const bridge = new FakeBridge(trueFlows("networkpolicy"));
    const { keeper, lost, wirings } = keep(bridge);
    await keeper.ensure(demand());
    await keeper.ensure(demand());
    assert.equal(bridge.bundles, 1);
    assert.equal((await bridge.list()).size, 3);
    assert.deepEqual(lost, [0]);
    assert.deepEqual(wirings.map(showWiring), ["openshift-sdn: pods go by br0 and tun0 to the host's stack, networkpolicy mode; the note of br0 says networkpolicy (02.0d.00.00.00.00)"]);
  });

  it("takes linux where ovs-ofctl is not installed, but not on a bridge that it has wired, nor where it was told to", async () => {
    const away = new CommonError({ code: "COMMAND_MISSING", command: "ovs-ofctl dump-flows br0", debianPackage: "openvswitch-switch" });
    const bridge = new FakeBridge(trueFlows("networkpolicy"));
    const whole = bridge.facts.bind(bridge);
    const [undecided, wired, told] = [keep(bridge).keeper, keep(bridge).keeper, keep(bridge, { choice: "openshift-sdn" }).keeper];
    await wired.ensure(demand());
    bridge.facts = () => Promise.reject(away);
    await undecided.ensure(demand());
    assert.match(showWiring(undecided.wiring), /^linux: .*not installed; Debian has it in openvswitch-switch/);
    for (const keeper of [wired, told]) await assert.rejects(keeper.ensure(demand()), away);
    bridge.facts = whole;
    await undecided.ensure(demand());
    assert.equal(undecided.wiring.kind, "openshift-sdn");
  });

  it("puts back what was lost with a rebuilt bridge, with the new MAC, and says how many", async () => {
    const bridge = new FakeBridge(trueFlows("networkpolicy"));
    const { keeper, lost } = keep(bridge);
    await keeper.ensure(demand());
    bridge.rebuild(trueFlows("networkpolicy"));
    bridge.tun0 = { mac: "02:00:00:00:00:77", port: 2 };
    await keeper.ensure(demand());
    assert.deepEqual(lost, [0, 3]);
    assert.match((await bridge.list()).get("table=101,priority=200,ip,nw_dst=172.31.0.0/16" as FlowMatch) ?? "", /02:00:00:00:00:77/);
  });

  it("puts back by itself what was last wanted, and nothing before anything was", async () => {
    const bridge = new FakeBridge(trueFlows("networkpolicy"));
    const { keeper, lost } = keep(bridge);
    await keeper.restore();
    assert.equal(bridge.bundles, 0);
    await keeper.ensure(demand({ remoteServices: [] }));
    bridge.rebuild(trueFlows("networkpolicy"));
    await Promise.all([keeper.restore(), keeper.ensure(demand()), keeper.restore()]);
    assert.deepEqual(lost, [0, 2, 0]);
    assert.deepEqual([bridge.bundles, (await bridge.list()).size], [3, 3]);
  });

  it("says whether it had to put anything back", async () => {
    const bridge = new FakeBridge(trueFlows("networkpolicy"));
    const { keeper } = keep(bridge);
    assert.equal(await keeper.restore(), false);
    await keeper.ensure(demand());
    assert.equal(await keeper.restore(), false);
    bridge.rebuild(trueFlows("networkpolicy"));
    assert.equal(await keeper.restore(), true);
    bridge.rebuild(trueFlows("multitenant"));
    assert.equal(await keeper.restore(), true);
  });

  const looks: { name: string; meanwhile: (keeper: BridgeKeeper) => unknown; want: number }[] = [
    { name: "once for the conditions and the flows of a pass", meanwhile: () => {}, want: 1 },
    { name: "again for the flows when something happened in between", meanwhile: (keeper) => keeper.restore(), want: 2 },
    { name: "again in the next pass", meanwhile: (keeper) => keeper.ensure(demand()), want: 2 },
  ];
  for (const { name, meanwhile, want } of looks)
    it(`looks at the bridge ${name}`, async () => {
      const bridge = new FakeBridge(trueFlows("networkpolicy"));
      const { keeper } = keep(bridge);
      const facts = bridge.facts.bind(bridge);
      let asked = 0;
      bridge.facts = () => (asked++, facts());
      await keeper.conditions();
      await meanwhile(keeper);
      await keeper.ensure(demand());
      assert.equal(asked, want);
    });

  it("does not trust what it saw while something happened", async () => {
    const bridge = new FakeBridge(trueFlows("networkpolicy"));
    const { keeper } = keep(bridge);
    const looking = keeper.conditions();
    await keeper.restore();
    await looking;
    bridge.tun0 = { mac: "02:00:00:00:00:77", port: 2 };
    await keeper.ensure(demand());
    assert.match((await bridge.list()).get("table=101,priority=200,ip,nw_dst=172.31.0.0/16" as FlowMatch) ?? "", /02:00:00:00:00:77/);
  });

  it("says that it cannot, and tries again when it is asked again", async () => {
    const bridge = new FakeBridge(trueFlows("networkpolicy"));
    const { keeper } = keep(bridge);
    await keeper.ensure(demand());
    bridge.flows = undefined;
    await assert.rejects(keeper.restore(), /Cannot wire br0: it is not there/);
    bridge.rebuild(trueFlows("networkpolicy"));
    await keeper.restore();
    assert.equal((await bridge.list()).size, 3);
  });

  it("puts them back into a bridge that lost its note too, by a restart of ovs-vswitchd", async () => {
    const bridge = new FakeBridge(trueFlows("multitenant"));
    const { keeper } = keep(bridge);
    await keeper.ensure(demand());
    bridge.rebuild("");
    await keeper.ensure(demand());
    assert.equal((await bridge.list()).size, 3);
    assert.equal(keeper.wiring.kind, "openshift-sdn");
  });

  it("follows the SDN into the other mode", async () => {
    const bridge = new FakeBridge(trueFlows("networkpolicy"));
    const { keeper } = keep(bridge);
    await keeper.ensure(demand());
    bridge.rebuild(trueFlows("multitenant"));
    await keeper.ensure(demand());
    assert.ok(![...(await bridge.list()).values()].some((actions) => actions.includes("load:")));
  });

  it("keeps flows of a cluster that may not be removed yet", async () => {
    const bridge = new FakeBridge(trueFlows("networkpolicy"));
    const { keeper } = keep(bridge);
    await keeper.ensure(demand());
    await keeper.ensure(demand({ remotePods: [], remoteServices: [], mayRemove: () => false }));
    assert.equal((await bridge.list()).size, 3);
    await keeper.ensure(demand({ remotePods: [], remoteServices: [] }));
    assert.equal((await bridge.list()).size, 0);
  });

  const linux: { name: string; bridge: FakeBridge; options: Options; reason: string }[] = [
    { name: "without tun0", bridge: new FakeBridge(trueFlows("networkpolicy")), options: { hostPort: false }, reason: "there is no bridge br0 here" },
    { name: "on a bridge of somebody else", bridge: new FakeBridge(" priority=0 actions=drop"), options: {}, reason: "the bridge br0 carries no note of OpenShift SDN in table 253" },
    { name: "under a note of no known plugin", bridge: new FakeBridge(" table=253, actions=note:03.0d.00.00.00.00"), options: {}, reason: "the bridge br0 carries the note 03.0d.00.00.00.00, which tells no mode that is known" },
    { name: "under a note without a version", bridge: new FakeBridge(" table=253, actions=note:00.00.00.00.00.00"), options: {}, reason: "the bridge br0 carries the note 00.00.00.00.00.00, which tells no mode that is known" },
    { name: "when asked to", bridge: new FakeBridge(trueFlows("networkpolicy")), options: { choice: "linux" }, reason: "--wiring linux" },
  ];
  for (const { name, bridge, options, reason } of linux)
    it(`takes the linux wiring ${name}, and writes no flow`, async () => {
      const { keeper } = keep(bridge, options);
      await keeper.ensure(demand());
      assert.deepEqual([keeper.wiring, bridge.bundles], [{ kind: "linux", reason }, 0]);
    });

  const notes: { note: string; says?: RegExp; flows: number }[] = [
    { note: "00.0d.00.00.00.00", flows: 3 },
    { note: "01.0d.00.00.00.00", flows: 3 },
    { note: "02.0d.00.00.00.00", flows: 3 },
    { note: "02.06.00.00.00.00", says: /tells version 6 of the SDN's rules, our flows were measured with 13/, flows: 3 },
    { note: "03.0d.00.00.00.00", says: /tells no mode that is known: nothing is written to the bridge/, flows: 0 },
    { note: "00.00.00.00.00.00", says: /tells no mode that is known/, flows: 0 },
  ];
  for (const { note, says, flows } of notes)
    it(`writes ${flows} flows under the note ${note}, and says ${says ? "what it leaves open" : "nothing"}`, async () => {
      const bridge = new FakeBridge(` table=253, actions=note:${note}`);
      const { keeper } = keep(bridge);
      await keeper.ensure(demand());
      const conditions = await keeper.conditions();
      assert.equal((await bridge.list()).size, flows);
      assert.deepEqual(conditions.map(({ type }) => type), says ? ["UnknownNote"] : []);
      if (says) assert.match(conditions[0]?.message ?? "", says);
    });

  it("says what is missing when it was asked for", async () => {
    await assert.rejects(keep(new FakeBridge(), { choice: "openshift-sdn" }).keeper.ensure(demand()), /Cannot wire br0: --wiring openshift-sdn, but the bridge br0 carries no note/);
    const bridge = new FakeBridge(trueFlows("networkpolicy"));
    bridge.tun0 = undefined;
    await assert.rejects(keep(bridge).keeper.ensure(demand()), /Cannot wire br0: it is not there, or without its port tun0/);
  });

  it("says that flows of the original project are there, and removes them only when asked to", async () => {
    const flows = `${trueFlows("networkpolicy")}${original.join("\n")}\n`;
    const watching = keep(new FakeBridge(flows));
    await watching.keeper.ensure(demand());
    const [condition] = await watching.keeper.conditions();
    assert.match(condition?.message ?? "", /2 flows of the original project.*--remove-original-flows/);
    const bridge = new FakeBridge(flows);
    const removing = keep(bridge, { removeOriginal: true });
    await removing.keeper.ensure(demand());
    assert.deepEqual([await removing.keeper.conditions(), await bridge.findOriginal()], [[], []]);
  });

  it("takes half a pair, or a pair that is swapped, for somebody else's", async () => {
    for (const lines of [original.slice(0, 1), original.slice(1), original.map((line) => line.replaceAll("in_port=9", "in_port=8"))])
      assert.deepEqual(await new FakeBridge(lines.join("\n")).findOriginal(), []);
    const ours = original.map((line) => ` cookie=${COOKIE},${line}`).join("\n");
    assert.deepEqual(await new FakeBridge(ours).findOriginal(), []);
  });
});
