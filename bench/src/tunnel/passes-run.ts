import { execFileSync } from "node:child_process";
import { writeSync } from "node:fs";
import type { NodeKey } from "@sdn-tunnel/common/admit/view";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import { silentLog } from "@sdn-tunnel/common/daemon/log";
import { NetlinkDoor } from "@sdn-tunnel/common/kernel/door";
import { KernelLinks } from "@sdn-tunnel/common/kernel/links";
import { readAdvertisedDevices, readHostAddresses, readNodeNeeds } from "@sdn-tunnel/common/kernel/needs";
import { KernelRoutingTable } from "@sdn-tunnel/common/kernel/rtnetlink";
import { openNetfilterSocket, Rtnetlink } from "@sdn-tunnel/common/kernel/socket";
import { KeptSysctls, procSysctls as sysctls } from "@sdn-tunnel/common/kernel/sysctls";
import { systemClock as clock } from "@sdn-tunnel/common/loop/clock";
import type { PassScope } from "@sdn-tunnel/common/loop/pass-loop";
import { readComments } from "@sdn-tunnel/common/netfilter/comments";
import { readLegacyTables } from "@sdn-tunnel/common/netfilter/legacy";
import { NftChains } from "@sdn-tunnel/common/netfilter/nft-chains";
import { readGeneration, Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import { objectKey } from "@sdn-tunnel/common/objects/mesh-object";
import { AcceptKeeper } from "@sdn-tunnel/tunnel/accepts/keeper";
import { parseConfig } from "@sdn-tunnel/tunnel/config";
import { generateKey } from "@sdn-tunnel/tunnel/keys/key";
import { PacketKeeper } from "@sdn-tunnel/tunnel/packets/keeper";
import { NftPacketRules } from "@sdn-tunnel/tunnel/packets/nft";
import { TunnelPass } from "@sdn-tunnel/tunnel/pass";
import { UapiDevice } from "@sdn-tunnel/tunnel/peers/uapi";
import { startWireguardGo } from "@sdn-tunnel/tunnel/peers/wireguard-go.netns";
import { prepareHost } from "@sdn-tunnel/tunnel/wiring/prepare-host";
import { meshOf, nodeOf, OWN } from "./mesh.ts";

// Started by passes.ts in namespaces of its own, alone or under strace: passes of sdn-tunneld over a mesh of 5,000
// nodes, on userspace WireGuard. What is done stands between two lines `mark: WHAT`, which strace sees as writes.
const [, , work = "", peers = "5000"] = process.argv;
const REPEATS = 15;

for (const line of ["link set lo up", "link add eth0 type bridge", "link set eth0 up", `addr add ${OWN.nodeIP}/24 dev eth0`, "link add cni0 type bridge", "link set cni0 up", `addr add ${OWN.address}/24 dev cni0`])
  execFileSync("ip", line.split(" "));
const wireguard = await startWireguardGo("sdn-wg-a");
const mesh = meshOf(Number(peers));
const rtnetlink = new Rtnetlink();
const commands = createCommandRunner();
const own = ["--node-ip", OWN.nodeIP, "--node-subnet", OWN.subnet, "--address", OWN.address];
const config = parseConfig(["--source", work, "--cluster-name", "east", "--node-name", "node-1", "--state-dir", work, "--run-dir", work, ...own]);
const netfilter = new NetlinkDoor(openNetfilterSocket);
const ruleset = new Ruleset(() => readGeneration(netfilter));
const chains = new NftChains(commands, (chain) => readComments(netfilter, chain));
const host = {
  memory: { staleBindings: false },
  sysctls,
  kept: new KeptSysctls(sysctls, work),
  packets: new PacketKeeper(new NftPacketRules(commands), work, ruleset),
  restored: () => undefined,
  accepts: new AcceptKeeper({ chains, ruleset, choice: config.foreignChains, legacyTables: readLegacyTables, applied: () => undefined }),
  listenPort: config.listenPort,
  bridge: async () => undefined, // no SDN with a bridge on this node
  commands,
  log: silentLog,
  advertised: () => readAdvertisedDevices(rtnetlink),
};
let changed = 0;
const pass = new TunnelPass(config, {
  device: new UapiDevice("sdn-wg-a"),
  routing: new KernelRoutingTable(rtnetlink),
  links: new KernelLinks(rtnetlink),
  view: mesh,
  privateKey: generateKey(),
  clock,
  ensureDevice: async () => undefined,
  nodeNeeds: () => readNodeNeeds(rtnetlink),
  hostAddresses: () => readHostAddresses(rtnetlink),
  nodeObject: () => undefined,
  sinceStartMs: () => 60_000,
  wiringConditions: async () => [],
  resolved: () => undefined,
  prepareHost: (situation, context) => prepareHost(host, situation, context),
  settled: async ({ changes, failures }) => {
    if (failures[0]) throw new Error(`Cannot measure: ${failures[0].message}`);
    changed += changes.peers.length + changes.routing.length;
  },
});

const results: Record<string, { readonly ms: number[]; readonly changes: number }> = {};

/** Does a pass some times over, and notes each one's milliseconds and the changes of all; what it is about comes before the clock. */
async function measure(what: string, repeats: number, scope: (i: number) => PassScope<NodeKey>): Promise<void> {
  changed = 0;
  const ms: number[] = [];
  writeSync(2, `mark: ${what}\n`);
  for (let i = 0; i < repeats; i++) {
    const asked = scope(i);
    const started = performance.now();
    await pass.run(asked);
    ms.push(performance.now() - started);
  }
  writeSync(2, "mark: end\n");
  results[what] = { ms, changes: changed };
}

const change = (port: number) => {
  const object = nodeOf(77, port);
  return mesh.apply("west", [{ key: objectKey(object), object }]).nodes;
};
const full = { full: true, keys: new Set<never>() };

await measure("first", 1, () => full);
await measure("full", REPEATS, () => full);
await measure("event", REPEATS, () => ({ full: false, keys: change(5555) }));
await measure("changed", REPEATS, (i) => ({ full: false, keys: change(6000 + i) }));

wireguard.kill();
process.stdout.write(JSON.stringify({ results, rss: process.memoryUsage().rss }), () => process.exit());
