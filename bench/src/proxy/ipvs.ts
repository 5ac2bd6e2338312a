import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { REPOSITORY } from "@sdn-tunnel/lab/processes/node-program";
import { bundlePrograms } from "@sdn-tunnel/lab/vm/bundle";
import { runInVm } from "@sdn-tunnel/lab/vm/run";
import { median } from "../report/median.ts";
import { renderTable } from "../report/table.ts";

// `node --conditions=source bench/src/proxy/ipvs.ts`: what the proxy's IPVS backend costs beside `ipvsadm -R` of the same
// state, on the distribution's kernel in the VM, each time in a network namespace that is made for it.

/** One answer of ipvs-inside.ts. */
interface Answer extends Readonly<Record<string, number | string>> {
  readonly mode: string;
  readonly services: number;
  readonly ms: number;
}

const sizes = [100, 1000, 10_000];
const loads = ["ours", "bare", "ours", "bare", "ours", "bare"].flatMap((mode) => sizes.map((services) => `${mode} ${services}`));
const steps = [...loads, ...sizes.map((services) => `change ${services}`)];

async function measure(): Promise<{ answers: Answer[]; release: string }> {
  const cache = join(REPOSITORY, ".cache/vm");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "bench-"));
  try {
    await bundlePrograms({ inside: join(import.meta.dirname, "ipvs-inside.ts") }, folder);
    const line = `unshare --net '${process.execPath}' '${join(folder, "inside.mjs")}'`;
    const stdout = new PassThrough();
    const printed = text(stdout);
    const argv = ["sh", "-ec", steps.map((step) => `${line} ${step}`).join("\n")] as const;
    const run = runInVm({ argv: [...argv], cache, modules: ["ip_vs"], timeoutMs: 1_200_000, stdout, say: (what) => console.error(what) });
    const { code, release, accelerator } = await run.finally(() => stdout.end());
    if (code !== 0) throw new Error(`Cannot measure: the program in the VM ended with ${code}`);
    const answers = (await printed).trim().split("\n").map((row) => JSON.parse(row) as Answer);
    return { answers, release: `${release}, ${accelerator}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { answers, release } = await measure();
const of = (mode: string, services: number): Answer[] => answers.filter((answer) => answer.mode === mode && answer.services === services);
const held = (mode: string, services: number): string => [...new Set(of(mode, services).map((answer) => answer["held"]))].join("/");

console.log(`Linux ${release}; 5 endpoints per Service; milliseconds, loads are medians of 3 interleaved runs in fresh namespaces`);
console.log(
  renderTable(
    ["cold load, finished plan to last ACK", "Services", "objects held", "sdn-proxyd", "ipvsadm -R", "ratio"],
    sizes.map((services) => {
      const [ours, bare] = ["ours", "bare"].map((mode) => median(of(mode, services).map(({ ms }) => ms))) as [number, number];
      return ["", String(services), `${held("ours", services)} and ${held("bare", services)}`, ours.toFixed(0), bare.toFixed(0), (ours / bare).toFixed(3)];
    }),
  ),
);
console.log(
  renderTable(
    ["one endpoint more or less, acknowledged", "Services", "ms", "IPVS operations", "nft transactions", "restart, nothing changed: read and diff, ms"],
    sizes.flatMap((services) =>
      of("change", services).map((answer) => ["", String(services), answer.ms.toFixed(2), Number(answer["opsPerChange"]).toFixed(2), String(answer["transactions"]), Number(answer["readMs"]).toFixed(0)]),
    ),
  ),
);
