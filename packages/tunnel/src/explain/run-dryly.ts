import type { Refusal } from "@sdn-tunnel/common/admit/refusal";
import type { MeshFeed } from "@sdn-tunnel/common/sources/mesh-feed";
import { untilSynced } from "@sdn-tunnel/common/sources/until-synced";
import type { TunnelConfig } from "../config.ts";
import { TunnelError } from "../errors.ts";
import { showDriver } from "../peers/driver.ts";
import { rehearse } from "./rehearse.ts";
import type { RehearsalNeeds } from "./rehearse.ts";

/** Milliseconds that the sources may take to deliver their first list. */
const PATIENCE_MS = 10_000;

export interface DryRunNeeds extends RehearsalNeeds {
  /** Which way pods reach the tunnel, and why; known after the rehearsal. */
  readonly wiring: () => string;
}

/**
 * Reads the sources once and says which commands would be applied; what is refused stands above as comments.
 *
 * @throws {TunnelError} NOT_SYNCED when a source does not deliver
 */
export async function runDryly(config: TunnelConfig, needs: DryRunNeeds, feed: MeshFeed, signal: AbortSignal): Promise<string> {
  const stop = new AbortController();
  const feeding = feed.run(AbortSignal.any([signal, stop.signal]));
  const reasons = await untilSynced(feed, { clock: needs.clock, signal, patienceMs: PATIENCE_MS });
  if (reasons.length > 0) throw new TunnelError({ code: "NOT_SYNCED", seconds: PATIENCE_MS / 1000, reasons });
  const { lines, refusals, conditions } = await rehearse(config, needs);
  stop.abort();
  await feeding;
  const notes = [...feed.refusals(), ...refusals].map(({ object, reason, detail }: Refusal) => `# refused, ${reason}: ${object}: ${detail}`);
  const dataPlane = [`# wireguard: ${showDriver(needs.driver)}`, `# wiring: ${needs.wiring()}`];
  return [...dataPlane, ...notes, ...conditions.map(({ type, message }) => `# ${type}: ${message}`), ...lines, ""].join("\n");
}
