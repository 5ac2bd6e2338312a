import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { bridgeContract } from "./contract.ts";
import { OfctlBridge } from "./ofctl.ts";
import { buildBridge, foreignFlows, startVswitch, trueFlows } from "./vswitch.netns.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common.
const bridge = new OfctlBridge(createCommandRunner());
await startVswitch();

const contract = bridgeContract.map(({ name, run }) => ({
  name,
  async run() {
    buildBridge(trueFlows("networkpolicy"));
    await run(bridge, async () => foreignFlows());
  },
}));

export const cases: readonly NamespaceCase[] = [
  ...contract,
  {
    name: "tells the modes",
    async run() {
      for (const mode of ["multitenant", "subnet"] as const) {
        buildBridge(trueFlows(mode));
        assert.equal((await bridge.facts())?.mode, mode);
      }
    },
  },
  {
    name: "finds the original project's flows as a pair, and removes just these",
    async run() {
      buildBridge(trueFlows("networkpolicy"));
      const before = foreignFlows();
      const pair = [
        "table=0,priority=300,ip,nw_src=10.128.0.0/14,nw_dst=10.132.0.0/14,actions=mod_dl_dst:0a:58:0a:80:00:09,output:4",
        "table=0,priority=300,ip,in_port=4,nw_src=10.132.0.0/14,nw_dst=10.128.0.0/14,actions=goto_table:30",
      ];
      execFileSync("ovs-ofctl", ["-O", "OpenFlow13", "add-flows", "br0", "-"], { input: pair.join("\n") });
      const ops = await bridge.findOriginal();
      assert.equal(ops.length, 2);
      await bridge.apply(ops);
      assert.equal(foreignFlows(), before);
    },
  },
  {
    name: "says that there is no bridge, and has no flows of it",
    async run() {
      execFileSync("ovs-vsctl", ["del-br", "br0"]);
      assert.equal(await bridge.facts(), undefined);
      assert.deepEqual([(await bridge.list()).size, await bridge.findOriginal()], [0, []]);
      await assert.rejects(bridge.apply([{ kind: "delete-flow", match: "table=101,priority=200,ip,nw_dst=10.0.0.0/8" as never }]), /br0/);
    },
  },
];
