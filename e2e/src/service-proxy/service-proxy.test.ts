import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { REPOSITORY } from "@sdn-tunnel/lab/processes/node-program";
import { bundlePrograms } from "@sdn-tunnel/lab/vm/bundle";
import { prepareVm } from "@sdn-tunnel/lab/vm/prepare";
import { runInVm } from "@sdn-tunnel/lab/vm/run";
import { dataPlaneNames } from "@sdn-tunnel/proxy/bed/suite.netns";
import { ipvsContract } from "@sdn-tunnel/proxy/ipvs/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// What needs a kernel with IPVS, on the distribution's own in the VM: one boot for all of it.
const cache = join(REPOSITORY, ".cache/vm");
/** An emulated processor needs about seven minutes, and shares the machine. */
const TIMEOUT_MS = 1_200_000;
/** By how much time bounds inside the VM are stretched. */
const SLOWDOWN = "5";

const suites = {
  tables: "packages/proxy/src/ipvs/tables.netns.ts",
  dataplane: "packages/proxy/src/bed/dataplane-ipvs.netns.ts",
  daemon: "e2e/src/service-proxy/daemon-cases.ts",
};
const programs = { run: "packages/common/src/kernel/namespace-run.ts", proxyd: "packages/proxy/src/main.ts", agent: "packages/proxy/src/bed/agent.netns.ts" };
/** The same cases by each door to IPVS, and the same of the data plane as by nftables. */
const wanted = [...["netlink", "ipvsadm"].flatMap((door) => ipvsContract.map(({ name }) => `by ${door}: ${name}`)), ...dataPlaneNames.map((name) => `ipvs: ${name}`)];

let folder: string;
const results = new Map<string, string | undefined>();

beforeAll(async () => {
  await prepareVm(cache, () => {});
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "service-proxy-"));
  const sources = Object.entries({ ...suites, ...programs }).map(([name, path]) => [name, join(REPOSITORY, path)]);
  await bundlePrograms(Object.fromEntries(sources) as Record<string, string>, folder);
  const stdout = new PassThrough();
  const printed = text(stdout);
  const lines = Object.keys(suites).map((suite) => `unshare --net '${process.execPath}' '${join(folder, "run.mjs")}' '${join(folder, `${suite}.mjs`)}'`);
  const env = { SDN_SLOWDOWN: SLOWDOWN, SDN_BED_AGENT: join(folder, "agent.mjs"), NODE_COMPILE_CACHE: "/tmp/compiled" };
  const options = { argv: ["sh", "-c", lines.join("\n")] as const, env, modules: ["ip_vs", "nf_conntrack", "nf_tables"], cache, timeoutMs: TIMEOUT_MS };
  const { release } = await runInVm({ ...options, argv: [...options.argv], stdout, stderr: process.stderr }).finally(() => stdout.end());
  for (const line of (await printed).split("\n").filter((row) => row.startsWith("{"))) {
    const { name, error } = JSON.parse(line) as { name: string; error?: string };
    results.set(name, error);
  }
  const passed = wanted.filter((name) => results.has(name) && results.get(name) === undefined);
  console.log(`Linux ${release}, time bounds ×${SLOWDOWN}: ${passed.length} of ${wanted.length} cases passed: 2 × ${ipvsContract.length} of the contract of IPVS tables, ${dataPlaneNames.length} of the data plane`);
}, TIMEOUT_MS + 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("IPVS, on a stock kernel", () => {
  for (const name of wanted)
    it(name, () => {
      expect(results.has(name), "a case that did not run").toBe(true);
      expect(results.get(name)).toBeUndefined();
    });

  // The daemon itself, the change of backends, and what the tables promise beside their contract.
  it("passes the rest", () => {
    const rest = [...results].filter(([name]) => !wanted.includes(name));
    expect(rest.length).toBeGreaterThanOrEqual(10);
    expect(rest.filter(([, error]) => error !== undefined)).toEqual([]);
  });
});
