import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTrace, TRACED } from "./trace.ts";

export const PEERS = 5000;

/** One row: a kind of pass, what it took, and what strace saw of it. */
export interface PassRow {
  readonly what: string;
  /** Median milliseconds, measured without strace. */
  readonly ms: number;
  readonly spread: readonly [number, number];
  /** Of one pass. */
  readonly writes: number;
  readonly forks: number;
}

const rows = {
  first: `first pass: ${PEERS} peers and routes`,
  full: "full pass, nothing changed",
  event: "event pass, nothing changed",
  changed: "event pass, one changed peer",
};

interface Report {
  readonly results: Readonly<Record<string, { readonly ms: readonly number[]; readonly changes: number }>>;
}

/** Passes over a mesh of 5,000 nodes: once alone for the times, and once under strace for what they did. */
export function measurePasses(): PassRow[] {
  const { results } = run([]);
  const folder = mkdtempSync(join(tmpdir(), "sdn-bench-"));
  try {
    const file = join(folder, "trace");
    run(["strace", "-f", "-qq", "-s", "48", "-e", "signal=none", "-e", TRACED, "-o", file]);
    const traced = readTrace(readFileSync(file, "latin1"));
    return Object.entries(rows).map(([name, what]) => rowOf(what, results[name]?.ms ?? [], traced.get(name)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function rowOf(what: string, ms: readonly number[], traced: ReturnType<ReturnType<typeof readTrace>["get"]>): PassRow {
  if (!traced || ms.length === 0) throw new Error(`Cannot find "${what}" in the trace`);
  const sorted = ms.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? Number.NaN;
  return { what, ms: median, spread: [sorted[0]!, sorted.at(-1)!], writes: traced.writes / ms.length, forks: traced.forks / ms.length };
}

function run(tracer: readonly string[]): Report {
  const work = mkdtempSync(join(tmpdir(), "sdn-bench-"));
  const program = [process.execPath, "--conditions=source", fileURLToPath(new URL("passes-run.ts", import.meta.url)), work, String(PEERS)];
  const enter = ["--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh"];
  const { status, stdout, stderr } = spawnSync("unshare", [...enter, ...tracer, ...program], { encoding: "utf8", timeout: 180_000, maxBuffer: 64 << 20 });
  rmSync(work, { recursive: true });
  if (status !== 0) throw new Error(`Cannot measure passes: exit ${status}: ${stderr}`);
  return JSON.parse(stdout) as Report;
}
