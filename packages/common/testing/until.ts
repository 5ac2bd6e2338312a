import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until it holds.
 *
 * @throws {Error} after 10 s
 */
export async function until(holds: () => boolean): Promise<void> {
  for (const started = performance.now(); !holds(); await sleep(10))
    if (performance.now() - started > 10_000) throw new Error("Cannot see within 10 s that it holds");
}
