import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "../report/median.ts";

/** Interleaved pairs, of two streams each way: many short ones, since what else runs on the machine comes and goes. */
const PAIRS = 30;
const SECONDS = 0.7;

export interface Throughput {
  /** Median bits per second. */
  readonly ours: number;
  readonly hand: number;
  /** Median of the pairs' ratios, ours to the hand-made one's, with the least and the greatest. */
  readonly ratio: number;
  readonly spread: readonly [number, number];
  readonly pairs: number;
}

/** One TCP stream from pod to pod through what sdn-tunneld wired, beside a WireGuard pair made by hand between the same nodes. */
export function measureThroughput(): Throughput {
  const program = [process.execPath, "--conditions=source", fileURLToPath(new URL("throughput-run.ts", import.meta.url)), String(PAIRS), String(SECONDS)];
  const enter = ["--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh"];
  const { status, stdout, stderr } = spawnSync("unshare", [...enter, ...program], { encoding: "utf8", timeout: 300_000 });
  if (status !== 0) throw new Error(`Cannot measure throughput: exit ${status}: ${stderr}`);
  const results = JSON.parse(stdout) as { ours: number; hand: number }[];
  const ratios = results.map(({ ours, hand }) => ours / hand).toSorted((a, b) => a - b);
  return { ours: median(results.map(({ ours }) => ours)), hand: median(results.map(({ hand }) => hand)), ratio: median(ratios), spread: [ratios[0]!, ratios.at(-1)!], pairs: ratios.length };
}
