import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabError } from "../errors.ts";
import { runInBed } from "./run.ts";
import type { BedOptions } from "./run.ts";

/**
 * Runs a program in a bed for a test, and returns the JSON document that it wrote to standard output.
 *
 * @throws {LabError} COMMAND_FAILED with its standard error when it ends with another code than 0
 */
export async function runScenario<T>(options: Omit<BedOptions, "stdio">): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sdn-lab-"));
  const [out, err] = [join(folder, "out"), join(folder, "err")];
  const [outFd, errFd] = [openSync(out, "w"), openSync(err, "w")];
  try {
    const code = await runInBed({ ...options, stdio: ["ignore", outFd, errFd] });
    const stderr = readFileSync(err, "utf8").trim();
    if (code !== 0) throw new LabError({ code: "COMMAND_FAILED", command: options.entry, exit: `exit code ${code}`, stderr });
    return JSON.parse(readFileSync(out, "utf8")) as T;
  } finally {
    closeSync(outFd);
    closeSync(errFd);
    rmSync(folder, { recursive: true });
  }
}
