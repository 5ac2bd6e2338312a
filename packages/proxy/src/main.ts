#!/usr/bin/env node
import { join } from "node:path";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import { serveHttp } from "@sdn-tunnel/common/daemon/http";
import { runDaemon } from "@sdn-tunnel/common/daemon/lifecycle";
import { acquireLock } from "@sdn-tunnel/common/daemon/lock";
import { createLog, silentLog } from "@sdn-tunnel/common/daemon/log";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { readNodeNeeds } from "@sdn-tunnel/common/kernel/needs";
import { KernelRoutingTable } from "@sdn-tunnel/common/kernel/rtnetlink";
import { Rtnetlink } from "@sdn-tunnel/common/kernel/socket";
import { watchKernel } from "@sdn-tunnel/common/kernel/watch";
import { systemClock } from "@sdn-tunnel/common/loop/clock";
import { MeshFeed } from "@sdn-tunnel/common/sources/mesh-feed";
import { parseConfig } from "./config.ts";
import type { ProxyConfig } from "./config.ts";
import { KernelConntrack } from "./conntrack/ctnetlink.ts";
import { runDryly } from "./dry-run.ts";
import { fileReader } from "./health/file.ts";
import { Health } from "./health/health.ts";
import { createProxyMetrics } from "./metrics.ts";
import { NftablesBackend } from "./nftables/backend.ts";
import { KernelNftTable } from "./nftables/kernel.ts";
import type { PassNeeds } from "./pass.ts";
import { Proxy } from "./proxy.ts";
import { chooseBackend } from "./services/choose.ts";
import { IpCommand } from "./vips/ip-command.ts";
import { removeAll } from "./remove.ts";

const name = "sdn-proxyd";

await runDaemon(name, async (signal) => {
  const config = parseConfig(process.argv.slice(2));
  const commands = createCommandRunner();
  const backend = new NftablesBackend(new KernelNftTable(commands));
  const rtnetlink = new Rtnetlink();
  const routing = new KernelRoutingTable(rtnetlink);
  if (config.cleanup) {
    await using _lock = await acquireLock(name);
    return await removeAll(backend, routing);
  }
  const log = config.dryRun ? silentLog : createLog({ name, level: config.logLevel });
  const feed = new MeshFeed({ source: config.source, clusterName: config.clusterName, log, clock: systemClock });
  const health = new Health({ read: fileReader(join(config.runDir, "health.json")), clock: systemClock });
  const metrics = createMetrics();
  const needs: PassNeeds = {
    view: feed.state,
    isDown: (node) => health.down.has(node),
    backend,
    routing,
    conntrack: new KernelConntrack(),
    host: new IpCommand(commands),
    nodeNeeds: () => readNodeNeeds(rtnetlink),
    nodeSubnets: () => subnetsOf(config, feed),
    metrics: createProxyMetrics(metrics),
    clock: systemClock,
  };
  if (config.dryRun) return void process.stdout.write(await runDryly(config, needs, feed, signal));

  await using _lock = await acquireLock(name);
  // Tells at once when nft is missing or may not be used.
  await commands.run(["nft", "-j", "list", "tables"]);
  const proxy = new Proxy(config, { ...needs, feed, health, log, decision: chooseBackend(config.backend) });
  watchKernel(rtnetlink, (change) => proxy.kernelChanged(change), signal);
  await serveHttp({ listen: config.http, metrics, notReady: () => proxy.notReady(), status: () => proxy.status() }, signal);
  await proxy.run(signal);
});

/** Pod prefixes behind this node: the flags, else its Node object. */
function subnetsOf({ subnets, nodeName }: ProxyConfig, feed: MeshFeed) {
  return subnets.length > 0 ? subnets : (feed.localNode(nodeName)?.podCIDRs ?? []);
}
