import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { measureResident, renderResident } from "../resident/measure.ts";
import { load } from "./load.ts";
import { servers } from "./servers.ts";
import type { Workload } from "./workload.ts";
import { workloads } from "./workload.ts";

// `node --conditions=source bench/src/dns/main.ts`: queries that one second of the server's CPU answers, over loopback.
// Compare the ratios; the figures are those of the machine, and of what else runs on it.
const [WARM_UP_SECONDS, SECONDS, ROUNDS] = [1, 3, 3];

interface Measurement {
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly lost: number;
  readonly rssMegabytes: number;
}

const results = new Map<string, Measurement[]>();
for (let round = 0; round < ROUNDS; round++)
  for (const workload of workloads)
    for (const server of Object.keys(servers)) {
      const key = `${workload.name} ${server}`;
      results.set(key, [...(results.get(key) ?? []), await measure(server, workload)]);
    }

console.log(`Node ${process.version}, ${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores; median of ${ROUNDS} rounds of ${SECONDS} s`);
for (const workload of workloads) {
  console.log(`\n${workload.name}: ${workload.description}`);
  console.log(["server".padEnd(44), "queries/CPU-s", "us/query", "queries/s", "RSS MB", "ratio"].map((cell, i) => (i === 0 ? cell : cell.padStart(13))).join(""));
  const baseline = median(results.get(`${workload.name} packet`) ?? []).perCpuSecond;
  for (const [server, { description }] of Object.entries(servers)) {
    const { perCpuSecond, perSecond, rssMegabytes } = median(results.get(`${workload.name} ${server}`) ?? []);
    const cells = [Math.round(perCpuSecond), (1e6 / perCpuSecond).toFixed(2), Math.round(perSecond), Math.round(rssMegabytes), `${(perCpuSecond / baseline).toFixed(2)} x`];
    console.log(description.padEnd(44) + cells.map((cell) => String(cell).padStart(13)).join(""));
  }
}

const resident = { program: import.meta.resolve("./resident-run.ts"), daemon: import.meta.resolve("@sdn-tunnel/discovery/main"), sizes: [1000, 10_000] } as const;
console.log(`\n${renderResident([await measureResident("sdn-discoveryd, its Services", resident)])}`);

async function measure(server: string, { queries }: Workload): Promise<Measurement> {
  const child = fork(new URL("child.ts", import.meta.url), [server], { execArgv: process.execArgv });
  try {
    const { port } = await told<{ port: number }>(child);
    await load(port, queries, WARM_UP_SECONDS);
    const before = await usage(child);
    const { answered, lost, seconds } = await load(port, queries, SECONDS);
    const after = await usage(child);
    const cpuSeconds = (after.cpuMicroseconds - before.cpuMicroseconds) / 1e6;
    return { perCpuSecond: answered / cpuSeconds, perSecond: answered / seconds, lost, rssMegabytes: after.rssBytes / 2 ** 20 };
  } finally {
    child.kill();
  }
}

async function usage(child: ChildProcess): Promise<{ cpuMicroseconds: number; rssBytes: number }> {
  child.send("usage");
  return told(child);
}

async function told<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, "message")) as [T];
  return message;
}

function median(measurements: readonly Measurement[]): Measurement {
  const sorted = measurements.toSorted((a, b) => a.perCpuSecond - b.perCpuSecond);
  return sorted[Math.floor(sorted.length / 2)] as Measurement;
}
