import type { Log } from "@sdn-tunnel/common/daemon/log";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { PassObserver } from "@sdn-tunnel/common/loop/pass-loop";
import type { ProxyMetrics } from "./metrics.ts";
import type { PassKey, ServicePass } from "./pass.ts";

export interface ObserverNeeds {
  readonly log: Log;
  readonly metrics: ProxyMetrics;
  readonly pass: Pick<ServicePass, "aims" | "acknowledged">;
  /** Number of nodes that are down. */
  readonly down: () => number;
  /** Number of real servers that drain. */
  readonly draining: () => number;
  /** A full pass has succeeded. */
  readonly passedFully: () => void;
}

/** Logs and counts passes: the one place that does. */
export function observePasses({ log, metrics, pass, down, draining, passedFully }: ObserverNeeds): PassObserver<PassKey> {
  return {
    passed({ full, keys }, ms, failed) {
      const scope = full ? "full" : "event";
      metrics.pass.observe(ms / 1000, { scope });
      metrics.servers.set(pass.acknowledged?.servers.size ?? 0);
      metrics.targets.set(pass.acknowledged?.targetCount ?? 0);
      metrics.idleServers.set(pass.aims.catalog.idle);
      metrics.nodesDown.set(down());
      metrics.drainingTargets.set(draining());
      for (const [key, reason] of failed) log.warn({ key, reason }, "cannot apply; will be tried again");
      log.debug({ scope, keys: keys.size, ms }, "passed");
      if (full && failed.size === 0) passedFully();
    },
    threw({ full }, error, retryInMs) {
      metrics.failedPasses.inc();
      log.error({ scope: full ? "full" : "event", error: messageOf(error), retryInMs }, "pass failed; a full one follows");
    },
  };
}
