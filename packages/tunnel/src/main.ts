#!/usr/bin/env node
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import { commandFollower as follower } from "@sdn-tunnel/common/daemon/follow";
import { serveHttp } from "@sdn-tunnel/common/daemon/http";
import { runDaemon } from "@sdn-tunnel/common/daemon/lifecycle";
import { acquireLock } from "@sdn-tunnel/common/daemon/lock";
import { createLog, silentLog } from "@sdn-tunnel/common/daemon/log";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { ports } from "@sdn-tunnel/common/daemon/ports";
import { NetlinkDoor } from "@sdn-tunnel/common/kernel/door";
import { GenericNetlink } from "@sdn-tunnel/common/kernel/generic";
import { KernelLinks } from "@sdn-tunnel/common/kernel/links";
import { readAdvertisedDevices, readHostAddresses, readNodeNeeds } from "@sdn-tunnel/common/kernel/needs";
import { KernelRoutingTable } from "@sdn-tunnel/common/kernel/rtnetlink";
import { openGenericSocket, openMulticast, openNetfilterSocket, Rtnetlink } from "@sdn-tunnel/common/kernel/socket";
import { KeptSysctls, procSysctls as sysctls } from "@sdn-tunnel/common/kernel/sysctls";
import { watchKernel } from "@sdn-tunnel/common/kernel/watch";
import { systemClock as clock } from "@sdn-tunnel/common/loop/clock";
import { showChainOp } from "@sdn-tunnel/common/netfilter/chain";
import { readComments } from "@sdn-tunnel/common/netfilter/comments";
import { readLegacyTables } from "@sdn-tunnel/common/netfilter/legacy";
import { NftChains } from "@sdn-tunnel/common/netfilter/nft-chains";
import { readGeneration, Ruleset } from "@sdn-tunnel/common/netfilter/ruleset";
import { watchRuleset } from "@sdn-tunnel/common/netfilter/watch";
import type { WatchNeeds } from "@sdn-tunnel/common/netfilter/watch";
import { MeshFeed } from "@sdn-tunnel/common/sources/mesh-feed";
import { AcceptKeeper } from "./accepts/keeper.ts";
import type { AcceptKeeperNeeds } from "./accepts/keeper.ts";
import { cleanUp } from "./cleanup.ts";
import { DEVICE, parseConfig } from "./config.ts";
import { DnsLookup } from "./endpoints/resolver.ts";
import { runDryly } from "./explain/run-dryly.ts";
import { readHealth } from "./health/health-file.ts";
import { HealthKeeper } from "./health/keeper.ts";
import { EchoResponder } from "./health/responder.ts";
import { loadOrCreateKey, rehearsalKey } from "./keys/store.ts";
import { createTunnelMetrics } from "./metrics.ts";
import { NftPacketRules } from "./packets/nft.ts";
import { PacketKeeper } from "./packets/keeper.ts";
import { TABLE } from "./packets/packet-rules.ts";
import { chooseDriver, guessDriver, showDriver } from "./peers/driver.ts";
import type { Driver } from "./peers/driver.ts";
import { ensureDevice } from "./peers/ensure.ts";
import { GenlDevice } from "./peers/genl.ts";
import { UapiDevice } from "./peers/uapi.ts";
import { checkHost } from "./preflight.ts";
import { showHealth } from "./report.ts";
import type { Situation } from "./situation.ts";
import { Tunnel } from "./tunnel.ts";
import { HOST_PORT } from "./wiring/openshift/bridge.ts";
import { showWiring } from "./wiring/openshift/choose.ts";
import { flowDemand } from "./wiring/openshift/demand.ts";
import { BridgeKeeper } from "./wiring/openshift/keeper.ts";
import type { BridgeKeeperNeeds } from "./wiring/openshift/keeper.ts";
import { OfctlBridge } from "./wiring/openshift/ofctl.ts";
import { watchBridge } from "./wiring/openshift/watch.ts";
import { prepareHost } from "./wiring/prepare-host.ts";

const name = "sdn-tunneld";

await runDaemon(name, async (signal) => {
  const config = parseConfig(process.argv.slice(2));
  const commands = createCommandRunner();
  const multicast = openMulticast();
  const rtnetlink = new Rtnetlink({ multicast });
  const links = new KernelLinks(rtnetlink);
  const doors = { routing: new KernelRoutingTable(rtnetlink), links };
  const userspace = new UapiDevice(DEVICE);
  const deviceOf = ({ kind }: Driver) => (kind === "kernel" ? new GenlDevice(DEVICE, new GenericNetlink(openGenericSocket)) : userspace);
  const netfilter = new NetlinkDoor(openNetfilterSocket);
  const ruleset = new Ruleset(() => readGeneration(netfilter));
  const rules = new NftPacketRules(commands);
  const chains = new NftChains(commands, (chain) => readComments(netfilter, chain));
  const keepAccepts = (applied: AcceptKeeperNeeds["applied"]) => new AcceptKeeper({ chains, ruleset, choice: config.foreignChains, legacyTables: readLegacyTables, applied });
  const bridge = new OfctlBridge(commands);
  const keepBridge = (told: Pick<BridgeKeeperNeeds, "wired" | "applied">) =>
    new BridgeKeeper({ ...told, bridge, choice: config.wiring, removeOriginal: config.removeOriginalFlows, hostPortExists: async () => (await links.find(HOST_PORT)) !== undefined });
  const kept = new KeptSysctls(sysctls, config.stateDir);
  const log = config.dryRun ? silentLog : createLog({ name, level: config.logLevel });
  const feed = new MeshFeed({ source: config.source, clusterName: config.clusterName, log, clock });
  const startedAt = clock.now();
  const observed = {
    ...doors,
    view: feed.state,
    clock,
    nodeNeeds: () => readNodeNeeds(rtnetlink),
    hostAddresses: () => readHostAddresses(rtnetlink),
    nodeObject: () => feed.localNode(config.nodeName),
    sinceStartMs: () => clock.now() - startedAt,
  };
  const packets = new PacketKeeper(rules, config.runDir, ruleset);
  if (config.dryRun) {
    const flows = keepBridge({ wired: () => {}, applied: () => {} });
    const driver = await guessDriver(config.deviceDriver, DEVICE, links);
    const rehearsed = { ...observed, driver, device: deviceOf(driver), wiringConditions: () => flows.conditions(), packets, accepts: keepAccepts(() => {}), sysctls, wiring: () => showWiring(flows.wiring), flows: (situation: Situation) => flows.plan(flowDemand(situation, feed.state.clusters)), resolved: () => undefined, privateKey: await rehearsalKey(config.stateDir) };
    return void process.stdout.write(await runDryly(config, rehearsed, feed, signal));
  }

  await checkHost(commands);
  await using _lock = await acquireLock(name);
  if (config.cleanup) return await cleanUp(config, { ...doors, device: userspace, packets: rules, accepts: keepAccepts(() => {}), bridge, sysctls: kept });
  const driver = await chooseDriver(config.deviceDriver, DEVICE, links);
  log.info({ device: DEVICE }, `WireGuard: ${showDriver(driver)}`);
  const privateKey = await loadOrCreateKey(config.stateDir, "a");
  const metrics = createMetrics();
  const tunnelMetrics = createTunnelMetrics(metrics);
  const responder = new EchoResponder({
    port: ports.echo,
    admits: (source) => tunnel.pass.situation?.routedBy(source) !== undefined,
    dropped: (reason) => tunnelMetrics.probesDropped.inc({ reason }),
  });
  const before = await readHealth(config.runDir, clock.now());
  const written: ConstructorParameters<typeof HealthKeeper>[0]["written"] = (nodes) => showHealth(tunnelMetrics, nodes);
  const health = new HealthKeeper({ runDir: config.runDir, clock, log, responder, before, written });
  let watching: Promise<void> | undefined;
  const flows = keepBridge({
    wired: (wiring) => {
      log.info({}, `wiring: ${showWiring(wiring)}`);
      tunnelMetrics.wiring.reset();
      tunnelMetrics.wiring.set(1, { wiring: wiring.kind, reason: wiring.reason });
      if (wiring.kind === "openshift-sdn") watching ??= watchBridge({ follower, clock, restore: () => flows.restore(), changed: () => tunnel.bridgeChanged() }, signal);
    },
    applied: (ops, lost) => {
      for (const { kind } of ops) tunnelMetrics.operations.inc({ kind });
      tunnelMetrics.flowsRestored.inc({}, lost);
      log.info({ flows: ops.length, lost }, "changed the bridge's flows");
    },
  });
  const accepts = keepAccepts((chain, ops, lost) => {
    for (const { kind } of ops) tunnelMetrics.operations.inc({ kind });
    tunnelMetrics.acceptsRestored.inc({ chain }, lost);
    log.info({ chain, rules: ops.map(showChainOp), lost }, "changed accept rules in a chain of somebody else");
  });
  const restored = () => tunnelMetrics.packetsRestored.inc();
  const hostNeeds = { sysctls, kept, packets, restored, accepts, listenPort: config.listenPort, bridge: (situation: Situation) => flows.ensure(flowDemand(situation, feed.state.clusters)), commands, log, advertised: () => readAdvertisedDevices(rtnetlink), memory: { staleBindings: false } };
  const tunnel: Tunnel = new Tunnel(config, {
    ...observed,
    driver,
    wiring: () => showWiring(flows.wiring),
    wiringConditions: () => flows.conditions(),
    closedChains: () => accepts.conditions,
    device: deviceOf(driver),
    ensureDevice: async () => {
      const done = driver.kind === "kernel" ? await ensureDevice(DEVICE, links) : "kept";
      if (done !== "kept") log.info({ device: DEVICE, done }, "made the WireGuard device");
    },
    feed,
    health,
    log,
    privateKey,
    metrics: tunnelMetrics,
    lookup: new DnsLookup(),
    prepareHost: (situation, context) => prepareHost(hostNeeds, situation, context),
  });
  watchKernel(rtnetlink, (change) => tunnel.kernelChanged(change), signal);
  const look: WatchNeeds["look"] = (transactions) => {
    if (transactions) log.info({ by: [...new Set(transactions.map(({ program }) => program))] }, "somebody changed packet rules that concern the tunnel");
    tunnel.rulesetChanged();
  };
  watchRuleset({ multicast, clock, concerns: (told) => told.tables.has(TABLE) || accepts.concerns(told), ruleset, look }, signal);
  await serveHttp({ listen: config.http, metrics, notReady: () => tunnel.notReady(), status: () => tunnel.status() }, signal);
  await tunnel.run(signal);
});
