import { setMaxListeners } from "node:events";
import { conditionsOf } from "@sdn-tunnel/common/daemon/status";
import type { MeshFeed } from "@sdn-tunnel/common/sources/mesh-feed";
import { untilSynced } from "@sdn-tunnel/common/sources/until-synced";
import type { BackendDecision } from "./choose.ts";
import { ProxyError } from "./errors.ts";
import { ServicePass } from "./pass.ts";
import type { PassConfig, PassNeeds } from "./pass.ts";
import { Rehearsal } from "./rehearsal.ts";
import { schedulerConditions } from "./services/scheduler-conditions.ts";

/** Seconds that the sources may take to deliver their first list. */
const PATIENCE_S = 10;

export type DryNeeds = PassNeeds & { readonly decision: BackendDecision };

/**
 * Reads the sources once and says, as a shell script, what would be applied to a kernel that holds nothing of ours.
 * What would be refused or left out stands above as comments.
 *
 * @throws {ProxyError} NOT_SYNCED when a source does not deliver
 */
export async function runDryly(config: PassConfig, { decision, ...needs }: DryNeeds, feed: MeshFeed, signal: AbortSignal): Promise<string> {
  const rehearsal = new Rehearsal(needs.backend);
  const { backend, routing, conntrack } = rehearsal;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  setMaxListeners(0, either);
  const feeding = feed.run(either);
  const reasons = await untilSynced(feed, { clock: needs.clock, signal: either, patienceMs: PATIENCE_S * 1000 });
  if (reasons.length > 0) throw new ProxyError({ code: "NOT_SYNCED", seconds: PATIENCE_S, reasons });
  const pass = new ServicePass(config, { ...needs, backend, routing, conntrack });
  await pass.run({ full: true, keys: new Set() });
  stop.abort();
  await feeding;
  const services = [...pass.aims.catalog.services()].flatMap((key) => needs.view.service(key) ?? []);
  const conditions = [
    ...conditionsOf([...feed.refusals(), ...pass.refusals], feed.health()),
    ...pass.routeConditions,
    ...schedulerConditions(services, needs.backend),
  ];
  return [`# load balancer ${decision.name}: ${decision.reason}\n`, ...conditions.map(({ type, object, message }) => `# ${type}, ${object}: ${message}\n`), rehearsal.text()].join("");
}
