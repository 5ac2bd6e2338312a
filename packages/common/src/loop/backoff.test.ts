import { describe, expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

const backoff = () => new Backoff<string>({ firstMs: 100, lastMs: 1000 });

describe("Backoff", () => {
  it("doubles from the first delay to the last, for each key by itself", () => {
    const delays = backoff();
    expect([1, 2, 3, 4, 5, 6].map(() => delays.fail("a"))).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(delays.fail("b")).toBe(100);
    expect(delays.failing).toBe(2);
  });

  it("stays at the last delay for ever", () => {
    const delays = backoff();
    for (let i = 0; i < 5000; i++) delays.fail("a");
    expect(delays.fail("a")).toBe(1000);
  });

  it("starts again after a success", () => {
    const delays = backoff();
    delays.fail("a");
    delays.fail("a");
    delays.succeed("a");
    expect(delays.failing).toBe(0);
    expect(delays.fail("a")).toBe(100);
  });

  it("forgets the keys that are not kept", () => {
    const delays = backoff();
    for (const key of ["a", "b", "a"]) delays.fail(key);
    delays.retain((key) => key === "b");
    expect(delays.failing).toBe(1);
    expect([delays.fail("a"), delays.fail("b")]).toEqual([100, 200]);
  });
});
