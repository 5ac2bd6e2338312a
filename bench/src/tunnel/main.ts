import { cpus } from "node:os";
import { renderTable } from "../report/table.ts";
import { measureResident, renderResident } from "../resident/measure.ts";
import { measurePasses, PEERS } from "./passes.ts";
import { measureThroughput } from "./throughput.ts";

// `node --conditions=source bench/src/tunnel/main.ts`: what sdn-tunneld costs, on userspace WireGuard in namespaces made
// for it. Needs unshare(1), wireguard-go and strace(1), not root. Compare the ratios and the counts; the times are those
// of the machine, and of what else runs on it.
console.log(`Node ${process.version}, ${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores; wireguard-go; medians, least to greatest\n`);
const rows = measurePasses();
const range = (low: number, high: number, digits: number): string => `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
console.log(
  renderTable(
    [`passes at ${PEERS} peers`, "ms", "from, to", "kernel writes", "programs started"],
    rows.map(({ what, ms, spread, writes, forks }) => [what, ms.toFixed(2), range(...spread, 2), String(writes), String(forks)]),
  ),
);
console.log("kernel writes and programs are those that strace saw of one pass\n");

const resident = { program: import.meta.resolve("./resident-run.ts"), daemon: import.meta.resolve("@sdn-tunnel/tunnel/main"), sizes: [PEERS / 10, PEERS] } as const;
console.log(`${renderResident([await measureResident("sdn-tunneld, its peers", resident)])}\n`);

const { ours, hand, ratio, spread, pairs } = measureThroughput();
const gigabits = (bits: number): string => (bits / 1e9).toFixed(2);
console.log(
  renderTable(
    ["one TCP stream, pod to pod", "Gbit/s", "ratio", "from, to"],
    [
      ["WireGuard pair made by hand", gigabits(hand), "", ""],
      ["wired by sdn-tunneld", gigabits(ours), ratio.toFixed(3), range(...spread, 3)],
    ],
  ),
);
console.log(`ratio: median of ${pairs} interleaved pairs`);
