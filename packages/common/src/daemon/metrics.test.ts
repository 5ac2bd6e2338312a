import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";

describe("createMetrics()", () => {
  it("prints counters, gauges and histograms with their labels", async () => {
    const metrics = createMetrics({ processMetrics: false });
    const ops = metrics.counter("sdn_test_ops_total", "Changes applied, by kind", ["kind"]);
    ops.inc({ kind: "add" });
    ops.inc({ kind: "add" }, 2);
    metrics.gauge("sdn_test_peers", "Peers").set(3);
    metrics.histogram("sdn_test_pass_seconds", "One pass", [0.1, 1]).observe(0.5);
    const text = await metrics.text();
    expect(text).toContain("# HELP sdn_test_ops_total Changes applied, by kind");
    expect(text).toContain('sdn_test_ops_total{kind="add"} 3');
    expect(text).toContain("sdn_test_peers 3");
    expect(text).toContain('sdn_test_pass_seconds_bucket{le="0.1"} 0');
    expect(text).toContain('sdn_test_pass_seconds_bucket{le="1"} 1');
    expect(text).toContain("sdn_test_pass_seconds_sum 0.5");
  });

  it("forgets the series of a gauge that is reset", async () => {
    const metrics = createMetrics({ processMetrics: false });
    const up = metrics.gauge("sdn_test_up", "Nodes that are up", ["node"]);
    up.set(1, { node: "node-1" });
    up.reset();
    up.set(1, { node: "node-2" });
    expect((await metrics.text()).match(/node-\d/g)).toEqual(["node-2"]);
  });

  it("shows the process unless told not to", async () => {
    expect(await createMetrics().text()).toContain("process_resident_memory_bytes");
    expect(await createMetrics({ processMetrics: false }).text()).not.toContain("process_");
  });

  it("does not wake a process that is at rest", () => {
    const metrics = new URL("metrics.ts", import.meta.url).href;
    const program = `
      const { createMetrics } = await import("${metrics}");
      createMetrics();
      const rounds = () => performance.nodeTiming.uvMetricsInfo.loopCount;
      const before = rounds();
      setTimeout(() => process.stdout.write(String(rounds() - before)), 500);
    `;
    const rounds = execFileSync(process.execPath, ["--conditions=source", "--input-type=module", "--eval", program], { encoding: "utf8" });
    expect(Number(rounds)).toBeLessThan(20); // sampling the event loop's delay took 50
  });

  it("keeps registers apart and refuses one name twice", () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.counter("sdn_test_total", "x");
    createMetrics({ processMetrics: false }).counter("sdn_test_total", "x");
    expect(() => metrics.counter("sdn_test_total", "x")).toThrow(/already been registered/);
  });
});
