import { join } from "node:path";
import { runInBed } from "../bed/run.ts";
import { REPOSITORY } from "../processes/node-program.ts";
import type { EngineName } from "./engine.ts";
import { DATA_PLANE_MODULES } from "./modules.ts";
import { bundleForGuest } from "./programs.ts";

export interface EngineOptions {
  readonly engine: EngineName;
  /** Absolute path of the program that runs in the bed. */
  readonly entry: string;
  readonly args: readonly string[];
  /** Milliseconds after which a guest is ended. */
  readonly timeoutMs: number;
}

/** Runs a program in a bed: on this machine's kernel, or on the distribution's stock kernel in a virtual machine. */
export async function runInEngine({ engine, entry, args, timeoutMs }: EngineOptions): Promise<number> {
  if (engine === "host") return await runInBed({ entry, args });
  const { runInVm } = await import("../vm/run.ts");
  using programs = await bundleForGuest([entry]);
  const { code } = await runInVm({
    argv: programs.inBed(entry, args),
    env: programs.env,
    cwd: REPOSITORY,
    modules: DATA_PLANE_MODULES,
    timeoutMs,
    cache: join(REPOSITORY, ".cache/vm"),
    say: (text) => process.stderr.write(`${text}\n`),
  });
  return code;
}
