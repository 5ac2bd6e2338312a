import { describe, expect, it } from "vitest";
import { Shared } from "./shared.ts";

/** Work that the test ends. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signals: AbortSignal[] = [];
  const start = (signal: AbortSignal): Promise<string> => {
    signals.push(signal);
    return promise;
  };
  return { start, resolve, reject, signals };
}
const never = (): AbortSignal => new AbortController().signal;

describe("Shared", () => {
  it("starts once for all who wait, and again for those who come later", async () => {
    const shared = new Shared<string>();
    const [first, second] = [work(), work()];
    const both = [shared.join("k", first.start, never()), shared.join("k", first.start, never())];
    first.resolve("one");
    expect(await Promise.all(both)).toEqual(["one", "one"]);
    second.resolve("two");
    expect(await shared.join("k", second.start, never())).toBe("two");
    expect([first.signals.length, second.signals.length, shared.size]).toEqual([1, 1, 0]);
  });

  it("tells all who wait of a failure", async () => {
    const shared = new Shared<string>();
    const { start, reject } = work();
    const both = [shared.join("k", start, never()), shared.join("k", start, never())];
    reject(new Error("broken"));
    for (const one of both) await expect(one).rejects.toThrow("broken");
  });

  it("lets one give up without the others, and calls the work off with the last", async () => {
    const shared = new Shared<string>();
    const { start, signals } = work();
    const [one, two] = [new AbortController(), new AbortController()];
    const [first, second] = [shared.join("k", start, one.signal), shared.join("k", start, two.signal)];
    one.abort(new Error("first"));
    await expect(first).rejects.toThrow("first");
    expect(signals[0]?.aborted).toBe(false);
    two.abort(new Error("second"));
    await expect(second).rejects.toThrow("second");
    expect(signals[0]?.aborted).toBe(true);
  });
});
