import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { namespaceArguments } from "@sdn-tunnel/common/kernel/namespace";
import { REPOSITORY } from "@sdn-tunnel/lab/processes/node-program";
import { bundlePrograms } from "@sdn-tunnel/lab/vm/bundle";
import { renderTable } from "../report/table.ts";
import type { Resident } from "./memory.ts";

/** One process, with fewer and with more objects. */
export interface ResidentRow {
  readonly what: string;
  readonly objects: readonly [fewer: number, more: number];
  readonly resident: readonly [fewer: Resident, more: Resident];
}

export interface ResidentOptions {
  /** URL of the program that measures, run as `PROGRAM FOLDER SIZE DAEMON`; it prints one `Resident` as JSON. */
  readonly program: string;
  /** URL of the daemon's program. Without one, the program that measures is what is measured. */
  readonly daemon?: string;
  readonly sizes: readonly [number, number];
}

/** Runs a program at two sizes, in namespaces and with a folder made for it. Both are bundled first, since nobody runs daemons from TypeScript. */
export async function measureResident(what: string, { program, daemon = program, sizes }: ResidentOptions): Promise<ResidentRow> {
  const cache = join(REPOSITORY, ".cache");
  mkdirSync(cache, { recursive: true });
  const bundle = mkdtempSync(join(cache, "bench-"));
  try {
    await bundlePrograms({ program: fileURLToPath(program), daemon: fileURLToPath(daemon) }, bundle);
    return { what, objects: sizes, resident: [runAt(sizes[0], bundle), runAt(sizes[1], bundle)] };
  } finally {
    rmSync(bundle, { recursive: true });
  }
}

function runAt(size: number, bundle: string): Resident {
  const work = mkdtempSync(join(tmpdir(), "sdn-bench-"));
  try {
    const node = [process.execPath, join(bundle, "program.mjs"), work, String(size), join(bundle, "daemon.mjs")];
    // A user namespace of its own would limit how much nft may send at once.
    const { status, stdout, stderr } = spawnSync("unshare", namespaceArguments(node, { privileged: process.getuid?.() === 0 }), { encoding: "utf8", timeout: 300_000 });
    if (status !== 0) throw new Error(`Cannot measure resident memory: exit ${status}: ${stderr}`);
    return JSON.parse(stdout) as Resident;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The rows as a table; what one object costs is the slope between the two sizes, after the work. */
export function renderResident(rows: readonly ResidentRow[]): string {
  const slope = ({ objects, resident }: ResidentRow): string => (((resident[1].worked - resident[0].worked) * 1024) / (objects[1] - objects[0])).toFixed(1);
  return renderTable(
    ["resident memory (VmRSS)", "objects", "MB, loaded", "MB, after 30 s of passes", "kB per object"],
    rows.flatMap((row) =>
      row.objects.map((count, i) => {
        const { loaded, worked } = row.resident[i === 0 ? 0 : 1];
        return [row.what, count.toLocaleString("en"), loaded.toFixed(0), worked.toFixed(0), i === 0 ? "" : slope(row)];
      }),
    ),
  );
}
