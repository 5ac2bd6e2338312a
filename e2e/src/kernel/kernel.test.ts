import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { routingContract } from "@sdn-tunnel/common/kernel/contract";
import { REPOSITORY } from "@sdn-tunnel/lab/processes/node-program";
import { bundlePrograms } from "@sdn-tunnel/lab/vm/bundle";
import { prepareVm } from "@sdn-tunnel/lab/vm/prepare";
import { runInVm } from "@sdn-tunnel/lab/vm/run";
import { deviceContract } from "@sdn-tunnel/tunnel/peers/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The suites that need a kernel with WireGuard, on the distribution's own in the VM: one boot for all of them.
const cache = join(REPOSITORY, ".cache/vm");
/** An emulated processor needs two to four minutes, as much as it shares the machine. */
const TIMEOUT_MS = 600_000;

interface Row {
  readonly suite: string;
  readonly name: string;
  readonly error?: string;
  readonly ms: number;
}

let folder: string;
const rows: Row[] = [];

beforeAll(async () => {
  await prepareVm(cache, () => {});
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "cases-"));
  const programs = { "run-cases": join(import.meta.dirname, "run-cases.ts"), tunneld: join(REPOSITORY, "packages/tunnel/src/main.ts") };
  await bundlePrograms(programs, folder);
  const stdout = new PassThrough();
  const printed = text(stdout);
  const argv = ["unshare", "--net", process.execPath, join(folder, "run-cases.mjs")] as const;
  const { code, release } = await runInVm({ argv: [...argv], cache, timeoutMs: TIMEOUT_MS, stdout, stderr: process.stderr }).finally(() => stdout.end());
  assert.equal(code, 0);
  for (const line of (await printed).trim().split("\n")) rows.push(JSON.parse(line) as Row);
  console.log(`Linux ${release}: ${count("routing", routingContract)} cases of the routing contract, ${count("device", deviceContract)} of the device contract`);
}, TIMEOUT_MS + 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How many cases of a contract ran and passed, of how many. */
function count(suite: string, contract: readonly { readonly name: string }[]): string {
  const passed = rows.filter((row) => row.suite === suite && row.error === undefined && contract.some(({ name }) => name === row.name));
  return `${passed.length} of ${contract.length}`;
}

describe("on a stock kernel", () => {
  const suites = { routing: routingContract, device: deviceContract };
  for (const [suite, contract] of Object.entries(suites))
    for (const { name } of contract)
      it(`${suite}: ${name}`, () => {
        const row = rows.find((found) => found.suite === suite && found.name === name);
        expect(row, "a case that did not run").toBeDefined();
        expect(row?.error).toBeUndefined();
      });

  // The cases of the daemon, and what the adapters promise beside their contracts.
  it("passes the rest", () => {
    const names = [...routingContract, ...deviceContract].map(({ name }) => name);
    const own = rows.filter(({ name }) => !names.includes(name));
    expect(own.length).toBeGreaterThan(15);
    expect(own.filter(({ error }) => error !== undefined)).toEqual([]);
  });
});
