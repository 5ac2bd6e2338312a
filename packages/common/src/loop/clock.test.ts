import { describe, expect, it } from "vitest";
import { systemClock } from "./clock.ts";

describe("systemClock", () => {
  it("tells Unix time and sleeps as long as asked", async () => {
    const before = systemClock.now();
    expect(Math.abs(before - Date.now())).toBeLessThan(50);
    await systemClock.sleep(20, new AbortController().signal);
    // Timers of Node may fire a millisecond early.
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(19);
  });

  it("wakes at once when the signal aborts, and does not reject", async () => {
    const stop = new AbortController();
    const sleep = systemClock.sleep(60_000, stop.signal);
    stop.abort();
    await expect(sleep).resolves.toBeUndefined();
    await expect(systemClock.sleep(60_000, stop.signal)).resolves.toBeUndefined();
  });
});
