import { join, relative } from "node:path";
import type { Writable } from "node:stream";
import { runInBed } from "../bed/run.ts";
import { REPOSITORY } from "../processes/node-program.ts";
import { run } from "../processes/run.ts";
import { bundleName, engineEnvironment } from "./engine.ts";
import type { EngineName } from "./engine.ts";
import { programsToBundle } from "./programs.ts";

export interface EngineOptions {
  readonly engine: EngineName;
  /** Absolute path of a program that runs `play` in a bed: what is started in the guest. */
  readonly main: string;
  /** Absolute path of the program that runs in the bed. */
  readonly play: string;
  readonly args: readonly string[];
  /** Milliseconds after which a guest is ended. */
  readonly timeoutMs: number;
  /** Where the guest's output goes; default: this process's own. */
  readonly stdout?: Writable;
}

/** Runs a program in a bed: on this machine's kernel, or on the distribution's stock kernel in a virtual machine. */
export async function runInEngine({ engine, main, play, args, timeoutMs, stdout }: EngineOptions): Promise<number> {
  if (engine === "host") return await runInBed({ entry: play, args });
  // Only here: the bundler takes a tenth of a second to load.
  const [{ bundlePrograms }, { runInVm }] = await Promise.all([import("../vm/bundle.ts"), import("../vm/run.ts")]);
  const programs = join(REPOSITORY, ".cache/vm/programs");
  await bundlePrograms(programsToBundle([main, play]), programs);
  const env = { ...engineEnvironment(programs), PATH: process.env["PATH"] ?? "", NODE_COMPILE_CACHE: join(programs, "compiled") };
  await warmCompileCache(programs, env);
  const { code } = await runInVm({
    argv: [process.execPath, join(programs, `${bundleName(relative(REPOSITORY, main))}.mjs`), ...args],
    env,
    cwd: REPOSITORY,
    timeoutMs,
    cache: join(REPOSITORY, ".cache/vm"),
    say: (text) => process.stderr.write(`${text}\n`),
    ...(stdout === undefined ? {} : { stdout }),
  });
  return code;
}

/** Compiles the daemons here and once: in the guest they start together, and each would compile for itself. */
async function warmCompileCache(programs: string, env: Readonly<Record<string, string>>): Promise<void> {
  const daemons = ["tunnel", "proxy", "discovery"].map((name) => join(programs, `packages-${name}-src-main.mjs`));
  await Promise.all(daemons.map((file) => run([process.execPath, file, "--version"], { env })));
}
