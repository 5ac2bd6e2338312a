#!/usr/bin/env node
import { networkInterfaces } from "node:os";
import { parseFlags } from "@sdn-tunnel/common/daemon/flags";
import { serveHttp } from "@sdn-tunnel/common/daemon/http";
import { runDaemon } from "@sdn-tunnel/common/daemon/lifecycle";
import { parseSocketAddress, showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { createLog, silentLog } from "@sdn-tunnel/common/daemon/log";
import type { Log } from "@sdn-tunnel/common/daemon/log";
import { createMetrics } from "@sdn-tunnel/common/daemon/metrics";
import { ports } from "@sdn-tunnel/common/daemon/ports";
import { readResolvConf } from "@sdn-tunnel/common/daemon/resolv-conf";
import { conditionsOf } from "@sdn-tunnel/common/daemon/status";
import { systemClock } from "@sdn-tunnel/common/loop/clock";
import { parseAddress } from "@sdn-tunnel/common/net/address";
import { MeshFeed } from "@sdn-tunnel/common/sources/mesh-feed";
import { untilReady, untilSynced } from "@sdn-tunnel/common/sources/until-synced";
import { AnswerTable } from "./answers/table.ts";
import { Zones } from "./answers/zones.ts";
import { completeConfig, discoveryCommand } from "./config.ts";
import type { DiscoveryConfig, DiscoveryFlags } from "./config.ts";
import { Control } from "./control.ts";
import { rehearse } from "./dry-run.ts";
import { NetworkUpstream } from "./forward/network-upstream.ts";
import { Front } from "./front.ts";
import { refreshSourceMetrics } from "./gauges.ts";
import { limits } from "./limits/limits.ts";
import { createEchoProbe } from "./life/echo.ts";
import { Counts } from "./listen/counts.ts";
import { listenOn } from "./listen/listen.ts";
import { createDiscoveryMetrics } from "./metrics.ts";
import { statusOf } from "./status.ts";

/** Milliseconds between two looks at what is counted. */
const REFRESH_MS = 1000;

await runDaemon("sdn-discoveryd", async (signal) => {
  const flags = parseFlags(discoveryCommand(), process.argv.slice(2));
  const config = completeConfig(flags, { resolvers: await readResolvConf(), interfaces: ownAddresses() });
  const log = flags.dryRun ? silentLog : createLog({ name: "sdn-discoveryd", level: flags.logLevel });
  const feed = new MeshFeed({ source: flags.source, clusterName: flags.clusterName, log, clock: systemClock });
  if (flags.dryRun) await printNames(feed, config, signal);
  else await serve({ flags, config, log, feed }, signal);
});

async function serve(
  { flags, config, log, feed }: { flags: DiscoveryFlags; config: DiscoveryConfig; log: Log; feed: MeshFeed },
  signal: AbortSignal,
): Promise<void> {
  const clock = systemClock;
  const register = createMetrics();
  const metrics = createDiscoveryMetrics(register);
  const [table, zones, counts] = [new AnswerTable(), new Zones(config.ttl), new Counts()];
  const shared = { config, table, zones, clock, log, metrics };
  const control = new Control({ ...shared, view: feed.state, probe: createEchoProbe(ports.echo) });
  const identity = { version: flags.chaosVersion, id: flags.chaosId };
  const front = new Front({ ...shared, identity, upstreams: config.upstreams.map((address) => new NetworkUpstream(address)) });
  feed.onTouched((touched) => control.mark(touched));

  let answering = false;
  const notReady = () => [...feed.notReady(), ...(answering ? [] : ["not answering yet"])];
  const status = () =>
    statusOf({
      view: feed.state,
      zones,
      table,
      upstreams: front.upstreams(),
      conditions: conditionsOf(feed.refusals(), feed.health()),
      isDead: (cluster) => control.isDead(cluster),
    });
  await serveHttp({ listen: parseSocketAddress(flags.http), metrics: register, notReady, status }, signal);

  const answer = async (): Promise<void> => {
    // Before the local cluster is known, a name of ours would look like anybody's and be forwarded.
    await untilReady(feed, signal);
    await untilSynced(feed, { clock, signal, patienceMs: limits.startupMs });
    if (!signal.aborted) await control.settle();
    if (signal.aborted) return;
    await listenOn(config.listen, { answering: front.answering, tally: counts }, signal);
    answering = true;
    log.info({ listen: config.listen.map(showSocketAddress), names: table.size }, "answering");
  };
  const refresh = async (): Promise<void> => {
    for (; !signal.aborted; await clock.sleep(REFRESH_MS, signal)) {
      counts.flush(metrics);
      front.refreshMetrics();
      refreshSourceMetrics(metrics, feed, { now: clock.now(), isDead: (cluster) => control.isDead(cluster) });
    }
  };
  await Promise.all([feed.run(signal), control.run(signal), front.run(signal), answer(), refresh()]);
}

/** Waits for all sources, at most ten seconds, and prints what would be served. */
async function printNames(feed: MeshFeed, config: DiscoveryConfig, signal: AbortSignal): Promise<void> {
  void feed.run(signal);
  for (const reason of await untilSynced(feed, { clock: systemClock, signal, patienceMs: 10_000 })) console.log(`; ${reason}`);
  for (const line of await rehearse(feed.state, config)) console.log(line);
}

/** Addresses of this machine that others can reach. */
function ownAddresses() {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => parseAddress(address));
}
