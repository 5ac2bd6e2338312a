import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../testing/fake-clock.ts";
import { PassLoop } from "./pass-loop.ts";
import type { PassScope } from "./pass-loop.ts";

/** What a pass is told to do, in turn; afterwards every pass succeeds at once. */
type Step = () => Promise<ReadonlyMap<string, string>>;

const COALESCE_MS = 20;
const AUDIT_MS = 60_000;
const FIRST_MS = 100;

let clock: FakeClock;
let stop: AbortController;
let loop: PassLoop<string>;
let running: Promise<void>;
/** One line for each pass that started: when, in ms since the start, and on what. */
let passes: string[];
let told: string[];
let steps: Step[];
let start: number;

const show = ({ full, keys }: PassScope<string>): string => (full ? "full" : [...keys].toSorted().join(" "));

beforeEach(() => {
  [clock, stop, passes, told, running] = [new FakeClock(), new AbortController(), [], [], Promise.resolve()];
  start = clock.now();
  loop = new PassLoop({
    clock,
    coalesceMs: COALESCE_MS,
    auditMs: AUDIT_MS,
    backoff: { firstMs: FIRST_MS, lastMs: 1000 },
    pass: async (scope) => {
      passes.push(`${clock.now() - start} ${show(scope)}`);
      return (await steps.shift()?.()) ?? new Map();
    },
    observer: {
      passed: (scope, ms, failed) => void told.push(`${show(scope)} ${ms} ms${[...failed].map(([key, why]) => ` ${key}: ${why}`).join("")}`),
      threw: (scope, error, retryInMs) => void told.push(`${show(scope)} threw ${String(error)}, again in ${retryInMs} ms`),
    },
  });
});

/** Starts the loop; its passes do as they are told, in turn. */
function begin(...todo: Step[]): void {
  steps = todo;
  running = loop.run(stop.signal);
}

afterEach(async () => {
  stop.abort();
  await clock.settle();
  await running;
});

const works: Step = async () => new Map();
const fails = (...keys: string[]): Step => async () => new Map(keys.map((key) => [key, "busy"]));
const throws: Step = async () => Promise.reject(new Error("no kernel"));

/** A pass that takes that long. */
const takes = (ms: number): Step => async () => {
  await clock.sleep(ms, new AbortController().signal);
  return new Map();
};

describe("PassLoop", () => {
  it("starts with a full pass, then rests", async () => {
    begin();
    await clock.advance(AUDIT_MS - 1);
    expect(passes).toEqual(["0 full"]);
    expect(told).toEqual(["full 0 ms"]);
  });

  it("gathers a burst of marks into one pass", async () => {
    begin();
    await clock.advance(1000);
    loop.mark(["a"]);
    await clock.advance(10);
    loop.mark(["b", "a"]);
    await clock.advance(100);
    expect(passes).toEqual(["0 full", `${1000 + COALESCE_MS} a b`]);
  });

  it("does nothing for marks of nothing", async () => {
    begin();
    loop.mark([]);
    await clock.advance(1000);
    expect(passes).toEqual(["0 full"]);
  });

  it("keeps marks that arrive during a pass for the next one, and passes never overlap", async () => {
    begin(takes(500));
    await clock.advance(100);
    loop.mark(["a"]);
    await clock.advance(1000);
    expect(passes).toEqual(["0 full", "500 a"]);
    expect(told).toEqual(["full 500 ms", "a 0 ms"]);
  });

  it("keeps a request for a full pass that arrives during one", async () => {
    begin(takes(500));
    await clock.advance(100);
    loop.markAll();
    await clock.advance(1000);
    expect(passes).toEqual(["0 full", "500 full"]);
  });

  it("does what is marked in the full pass when both are asked for", async () => {
    begin();
    await clock.advance(1000);
    loop.mark(["a"]);
    loop.markAll();
    await clock.advance(1000);
    expect(passes).toHaveLength(2);
    expect(passes[1]).toMatch(/ full$/);
  });

  it("looks at everything when nothing happened for the audit time, and not earlier for events in between", async () => {
    begin();
    await clock.advance(AUDIT_MS / 2);
    loop.mark(["a"]);
    await clock.advance(AUDIT_MS);
    expect(passes).toEqual(["0 full", `${AUDIT_MS / 2 + COALESCE_MS} a`, `${AUDIT_MS} full`]);
  });

  it("does not put off the audit when events never end", async () => {
    begin();
    for (let i = 0; i < 130; i++) {
      loop.mark(["a"]);
      await clock.advance(AUDIT_MS / 100);
    }
    expect(passes.filter((line) => line.endsWith("full"))).toHaveLength(2);
  });
});

describe("PassLoop, when a key fails,", () => {
  it("tries it again by itself, each time later, up to the longest delay", async () => {
    begin(fails("a"), fails("a"), fails("a"), fails("a"), fails("a"), fails("a"));
    await clock.advance(5000);
    // 100, 200, 400, 800 and 1000 ms after each failure, and the burst's time.
    expect(passes).toEqual(["0 full", "120 a", "340 a", "760 a", "1580 a", "2600 a", "3620 a"]);
    expect(told[1]).toBe("a 0 ms a: busy");
    expect(loop.failing).toBe(0);
  });

  it("does not hold up other keys, and starts from the first delay after a success", async () => {
    begin(fails("a"), fails("a"), works, works, fails("a"));
    await clock.advance(150);
    expect(loop.failing).toBe(1);
    loop.mark(["b"]);
    await clock.advance(850);
    expect(passes).toEqual(["0 full", "120 a", "170 b", "340 a"]);
    loop.mark(["a"]);
    await clock.advance(500);
    expect(passes.slice(4)).toEqual(["1020 a", "1140 a"]);
  });

  it("sets one next try, however many events name the key meanwhile", async () => {
    begin(...Array.from({ length: 9 }, () => fails("a")));
    for (let i = 0; i < 6; i++) {
      await clock.advance(30);
      loop.mark(["a"]);
    }
    await clock.advance(400);
    const during = passes.length;
    await clock.advance(10_000);
    expect(passes.length - during).toBeLessThanOrEqual(3);
  });

  it("forgets it once a full pass no longer names it", async () => {
    begin(fails("a"));
    await clock.advance(10);
    expect(loop.failing).toBe(1);
    loop.markAll();
    await clock.advance(10);
    expect(loop.failing).toBe(0);
  });
});

describe("PassLoop, when a pass throws,", () => {
  it("does a full pass after the delay, each time later", async () => {
    begin(throws, throws);
    await clock.advance(1000);
    expect(passes).toEqual(["0 full", "100 full", "300 full"]);
    expect(told).toEqual(["full threw Error: no kernel, again in 100 ms", "full threw Error: no kernel, again in 200 ms", "full 0 ms"]);
    expect(loop.failing).toBe(0);
  });

  it("does a full pass also for an event that comes before: nobody knows what was reached", async () => {
    begin(works, throws, throws, throws);
    await clock.advance(1000);
    loop.mark(["a"]);
    await clock.advance(600);
    loop.mark(["b"]);
    await clock.advance(100);
    expect(passes).toEqual(["0 full", "1020 a", "1120 full", "1320 full", "1620 full"]);
  });

  it("rests between passes that throw, however fast events come", async () => {
    begin(...Array.from({ length: 100 }, () => throws));
    for (let i = 0; i < 200; i++) {
      loop.mark(["a"]);
      await clock.advance(5);
    }
    expect(passes.length).toBeLessThanOrEqual(1 + 1000 / FIRST_MS);
  });
});

describe("PassLoop, when it is stopped,", () => {
  it("finishes the pass under way and starts no other", async () => {
    begin(takes(500));
    await clock.advance(100);
    loop.mark(["a"]);
    stop.abort();
    let ended = false;
    void running.then(() => (ended = true));
    await clock.advance(100);
    expect(ended).toBe(false);
    await clock.advance(1000);
    expect(ended).toBe(true);
    expect(passes).toEqual(["0 full"]);
    expect(told).toEqual(["full 500 ms"]);
  });

  it("ends at once while it rests or waits for a retry", async () => {
    begin(throws);
    await clock.advance(10);
    stop.abort();
    await clock.settle();
    await running;
    await clock.advance(10_000);
    expect(passes).toEqual(["0 full"]);
  });
});
