#!/usr/bin/env node
import { join } from "node:path";
import { REMOVAL_GRACE_MS } from "@sdn-tunnel/common/admit/removal";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import { serveHttp } from "@sdn-tunnel/common/daemon/http";
import { runDaemon } from "@sdn-tunnel/common/daemon/lifecycle";
import { acquireLock } from "@sdn-tunnel/common/daemon/lock";
import { createLog, silentLog } from "@sdn-tunnel/common/daemon/log";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { conditionsOf } from "@sdn-tunnel/common/daemon/status";
import { NetlinkDoor } from "@sdn-tunnel/common/kernel/door";
import { GenericNetlink } from "@sdn-tunnel/common/kernel/generic";
import { KernelLinks } from "@sdn-tunnel/common/kernel/links";
import { readNodeNeeds } from "@sdn-tunnel/common/kernel/needs";
import { KernelRoutingTable } from "@sdn-tunnel/common/kernel/rtnetlink";
import { openGenericSocket, openMulticast, openNetfilterSocket, Rtnetlink } from "@sdn-tunnel/common/kernel/socket";
import { KeptSysctls, procSysctls } from "@sdn-tunnel/common/kernel/sysctls";
import { watchKernel } from "@sdn-tunnel/common/kernel/watch";
import { systemClock } from "@sdn-tunnel/common/loop/clock";
import { PassLoop } from "@sdn-tunnel/common/loop/pass-loop";
import { readComments } from "@sdn-tunnel/common/netfilter/comments";
import { NftChains } from "@sdn-tunnel/common/netfilter/nft-chains";
import { readGeneration, Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import type { Transaction } from "@sdn-tunnel/common/netfilter/transaction";
import { watchRuleset } from "@sdn-tunnel/common/netfilter/watch";
import { MeshFeed } from "@sdn-tunnel/common/sources/mesh-feed";
import { untilSynced } from "@sdn-tunnel/common/sources/until-synced";
import { chooseBackend } from "./choose.ts";
import { parseConfig } from "./config.ts";
import { KernelConntrack } from "./conntrack/ctnetlink.ts";
import { runDryly } from "./dry-run.ts";
import { Events } from "./events.ts";
import { fileReader } from "./health/file.ts";
import { Health } from "./health/health.ts";
import { NftArpRules } from "./ipvs/arp.ts";
import { IpvsBackend } from "./ipvs/backend.ts";
import { IpvsSettings } from "./ipvs/host-settings.ts";
import { ChainInputRules } from "./ipvs/input.ts";
import { IpvsadmTable } from "./ipvs/ipvsadm-table.ts";
import { NetlinkIpvsTable } from "./ipvs/netlink-table.ts";
import { NftGuardTable } from "./ipvs/nft-guard.ts";
import { guessIpvs, tryIpvs } from "./ipvs/probe.ts";
import { judgeIpvs } from "./ipvs/read-path.ts";
import { createProxyMetrics } from "./metrics.ts";
import { rememberListings } from "./netfilter/listings.ts";
import { noteOwnWrites } from "./netfilter/own-writes.ts";
import { NetfilterSocket } from "./netfilter/socket.ts";
import { NftablesBackend } from "./nftables/backend.ts";
import { KernelNftTable } from "./nftables/kernel.ts";
import { observePasses } from "./observe.ts";
import { DRAINS, ServicePass } from "./pass.ts";
import type { PassKey, PassNeeds } from "./pass.ts";
import { removeAll } from "./remove.ts";
import { describeStatus } from "./status.ts";
import { anyIpPrefixes } from "./vips/routes.ts";
import { KernelHostNetwork } from "./vips/rtnetlink.ts";

const name = "sdn-proxyd";
/** Milliseconds that sources may take before the first pass goes without them. */
const FIRST_PASS_MS = 2000;
const DRAIN_CHECK_MS = 5000;
const timing = {
  coalesceMs: 5,
  // A full pass reads the whole table if somebody else has written: half a second of nft per 10,000 servers.
  auditMs: 120_000,
  backoff: { firstMs: 100, lastMs: 30_000 },
};

await runDaemon(name, async (signal) => {
  const config = parseConfig(process.argv.slice(2));
  const door = new NetlinkDoor(openNetfilterSocket);
  const ruleset = new Ruleset(() => readGeneration(door));
  const commands = noteOwnWrites(createCommandRunner(), ruleset);
  const listings = rememberListings(commands, ruleset, concernsIpvs);
  const clock = systemClock;
  await using _lock = config.dryRun ? undefined : await acquireLock(name);
  // Tells at once when nft is missing or may not be used.
  if (!config.dryRun) await commands.run(["nft", "-j", "list", "tables"]);
  const multicast = openMulticast();
  const rtnetlink = new Rtnetlink({ multicast });
  const routing = new KernelRoutingTable(rtnetlink);
  const doors = { netlink: new NetlinkIpvsTable(new GenericNetlink(openGenericSocket), openGenericSocket), ipvsadm: new IpvsadmTable(commands) };
  // Trying it out loads the kernel's module: not where nobody asks for it.
  const guess = guessIpvs(doors);
  const trying = !config.dryRun && (config.cleanup || config.backend === "nftables" ? "table" in guess : true);
  const probe = trying ? await tryIpvs(doors, procSysctls) : guess;
  const nftables = new NftablesBackend(new KernelNftTable(commands), ruleset);
  const ipvs = new IpvsBackend({
    table: "table" in probe ? probe.table : doors.netlink,
    guard: new NftGuardTable(listings),
    settings: new IpvsSettings(new KeptSysctls(procSysctls, config.stateDir, "sysctls-proxy.json"), { input: new ChainInputRules(new NftChains(listings, (chain) => readComments(door, chain))), arp: new NftArpRules(listings) }),
    ownPrefixes: () => anyIpPrefixes(routing),
    now: () => clock.now(),
  });
  if (config.cleanup) return await removeAll({ ipvs, nftables }, routing);

  const netfilter = new NetfilterSocket();
  const log = config.dryRun ? silentLog : createLog({ name, level: config.logLevel });
  const decision = chooseBackend(config.backend, await judgeIpvs(probe, commands, new KernelLinks(rtnetlink)));
  const backend = { ipvs, nftables }[decision.name];
  const feed = new MeshFeed({ source: config.source, clusterName: config.clusterName, log, clock });
  const health = new Health({ read: fileReader(join(config.runDir, "health.json")), clock });
  const register = createMetrics();
  const metrics = createProxyMetrics(register);
  const needs: PassNeeds = {
    view: feed.state,
    isDown: (node) => health.down.has(node),
    backend,
    ...(backend === nftables ? { retired: ipvs } : {}),
    routing,
    conntrack: new KernelConntrack(netfilter),
    host: new KernelHostNetwork(rtnetlink),
    nodeNeeds: () => readNodeNeeds(rtnetlink),
    nodeSubnets: () => (config.subnets.length > 0 ? config.subnets : (feed.localNode(config.nodeName)?.podCIDRs ?? [])),
    metrics,
    clock,
  };
  if (config.dryRun) return void process.stdout.write(await runDryly(config, { ...needs, decision }, feed, signal));

  log.info({ backend: decision.name, reason: decision.reason }, "backend chosen");
  metrics.backend.set(1, { backend: decision.name, reason: decision.reason });

  let passed = false;
  const pass = new ServicePass(config, needs);
  const observer = observePasses({
    log,
    metrics,
    pass,
    down: () => health.down.size,
    draining: () => ipvs.draining,
    passedFully: () => (passed ||= feed.notReady().length === 0),
  });
  const loop = new PassLoop<PassKey>({ pass: (scope) => pass.run(scope), observer, clock, ...timing });
  const events = new Events(loop, pass.aims.catalog);
  feed.onTouched((touched) => events.published(touched));
  feed.onLocalNode(config.nodeName, () => events.localNodeChanged());
  watchKernel(rtnetlink, (change) => events.kernelChanged(change), signal);

  const unreadHealth = () => (health.problem === undefined ? [] : [{ object: "health.json", type: "InvalidObject", message: health.problem }]);
  const conditions = () => [
    ...conditionsOf([...feed.refusals(), ...pass.refusals], feed.health()),
    ...pass.routeConditions,
    ...unreadHealth(),
  ];
  await serveHttp(
    {
      listen: config.http,
      metrics: register,
      notReady: () => [...feed.notReady(), ...(passed ? [] : ["no full pass has succeeded yet"])],
      status: () => describeStatus({ view: feed.state, pass, isDown: needs.isDown, decision, backend, conditions }),
    },
    signal,
  );
  await health.look();
  const follow = health.follow((nodes) => {
    for (const node of nodes) log.info({ node, up: !health.down.has(node) }, "node health changed");
    events.healthChanged(nodes);
  }, signal);
  const grace = clock.sleep(REMOVAL_GRACE_MS, signal).then(() => loop.markAll());
  const draining = clearDrains(ipvs, () => loop.mark([DRAINS]), signal);
  const concerns = backend === ipvs ? concernsIpvs : concernsTables;
  watchRuleset({ multicast, clock, concerns, ruleset, look: () => loop.markAll() }, signal);
  const feeding = feed.run(signal);
  // A first pass that knew nothing would only cost time: nothing is removed before the sources have spoken.
  const passing = untilSynced(feed, { clock, signal, patienceMs: FIRST_PASS_MS }).then(() => loop.run(signal));
  await Promise.all([feeding, passing, follow, draining, grace]);
});

/** Whether somebody changed the tables that the backends keep. */
function concernsTables({ tables }: Transaction): boolean {
  return tables.has("inet sdn_proxy") || tables.has("arp sdn_proxy");
}

/** The same, or the chains through which IPVS traffic enters the node. */
function concernsIpvs(told: Transaction): boolean {
  return concernsTables(told) || told.chains.has("ip filter INPUT") || told.chains.has("ip6 filter INPUT");
}

/** Looks every few seconds whether connections that were let go on have ended. */
async function clearDrains(ipvs: IpvsBackend, look: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await systemClock.sleep(DRAIN_CHECK_MS, signal);
    if (ipvs.draining > 0) look();
  }
}
