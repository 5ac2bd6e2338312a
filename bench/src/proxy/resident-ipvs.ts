import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import { silentLog } from "@sdn-tunnel/common/daemon/log";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { KernelRoutingTable } from "@sdn-tunnel/common/kernel/rtnetlink";
import { Rtnetlink } from "@sdn-tunnel/common/kernel/socket";
import { systemClock as clock } from "@sdn-tunnel/common/loop/clock";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { MeshFeed } from "@sdn-tunnel/common/sources/mesh-feed";
import { untilSynced } from "@sdn-tunnel/common/sources/until-synced";
import { IpvsBackend } from "@sdn-tunnel/proxy/ipvs/backend";
import { NftGuardTable } from "@sdn-tunnel/proxy/ipvs/nft-guard";
import { createProxyMetrics } from "@sdn-tunnel/proxy/metrics";
import { ServicePass } from "@sdn-tunnel/proxy/pass";
import { KernelHostNetwork } from "@sdn-tunnel/proxy/vips/rtnetlink";
import { watchProcess } from "../resident/watch.ts";
import { FiledTable } from "./filed-table.ts";
import { writeMesh } from "./manifests.ts";

// Started by main.ts in namespaces of its own: `resident-ipvs FOLDER SERVICES`. What sdn-proxyd keeps with the IPVS backend,
// where the kernel has no IPVS: its sources, plan, shadow and guard, over a file that is read as the kernel's table would
// be. Without HTTP and logs. Prints its resident memory.
const [, , work = "", count = ""] = process.argv;
const source = writeMesh(work, Number(count));
for (const line of ["link set lo up", "link add eth0 type bridge", "link set eth0 up", "addr add 10.10.0.1/24 dev eth0"]) execFileSync("ip", line.split(" "));
const rtnetlink = new Rtnetlink();
const feed = new MeshFeed({ source, clusterName: "east", log: silentLog, clock });
const backend = new IpvsBackend({
  table: new FiledTable(join(work, "ip_vs")),
  guard: new NftGuardTable(createCommandRunner()),
  settings: { ensure: async () => {}, remove: async () => {} },
  ownPrefixes: async () => [...feed.state.clusters.values()].flatMap(({ config }) => config.serviceCIDRs.map(({ as }) => as)),
  now: () => clock.now(),
});
const pass = new ServicePass(
  { clusterName: "east", nodeName: "node-1", addresses: [parseAddress("10.10.0.1")], nodeIPs: [], skipLifeline: false },
  {
    view: feed.state,
    isDown: () => false,
    backend,
    routing: new KernelRoutingTable(rtnetlink),
    conntrack: { listUdp: async () => [], forget: async () => {} },
    host: new KernelHostNetwork(rtnetlink),
    nodeNeeds: async () => ({ prefixes: [], addresses: [] }),
    nodeSubnets: () => [],
    metrics: createProxyMetrics(createMetrics()),
    clock,
  },
);
const full = { full: true, keys: new Set<never>() };

const stop = new AbortController();
void feed.run(stop.signal);
const waitingFor = await untilSynced(feed, { clock, signal: stop.signal, patienceMs: 120_000 });
const trouble = [...waitingFor, ...(await pass.run(full)).values()];
if (trouble.length > 0 || pass.acknowledged?.servers.size !== Number(count)) throw new Error(`Cannot measure: ${pass.acknowledged?.servers.size} servers: ${trouble[0]}`);
process.stdout.write(JSON.stringify(await watchProcess(process.pid, () => pass.run(full))), () => process.exit());
