/** What a program of the lab runs on, as its environment says. */
export interface Engine {
  readonly name: EngineName;
  /** By how much time bounds are stretched: 1, or 5 on an emulated processor. */
  readonly slowdown: number;
  /** Folder of bundled programs; undefined: they run from source. */
  readonly programs: string | undefined;
}

export type EngineName = "host" | "vm";
export const engineNames = ["host", "vm"] as const satisfies readonly EngineName[];

/** Time bounds on an emulated processor, on which Node is about 15 times slower and everything else 3 to 5 times. */
export const VM_SLOWDOWN = 5;

/** Reads what `engineEnvironment()` wrote; without it: this machine's own kernel, from source. */
export function readEngine(env: NodeJS.ProcessEnv): Engine {
  const vm = env["SDN_LAB_ENGINE"] === "vm";
  return { name: vm ? "vm" : "host", slowdown: vm ? VM_SLOWDOWN : 1, programs: env["SDN_LAB_PROGRAMS"] };
}

/** The environment by which a program in the guest knows where it is. */
export function engineEnvironment(programs: string): Record<string, string> {
  return { SDN_LAB_ENGINE: "vm", SDN_LAB_PROGRAMS: programs };
}

/**
 * Environment of the bundled daemons and programs of the lab: V8 does not compile, since an emulated processor has to
 * translate again whatever it writes. Ten daemons are ready after 45 s instead of 53. Without a compiler there is no
 * WebAssembly, and so no fetch(); none of them needs it.
 */
export const INTERPRETED: Readonly<Record<string, string>> = { NODE_OPTIONS: "--jitless" };

/** What this process runs on. */
export const engine = readEngine(process.env);

/** Name of the bundle of a source file, by its path from the repository's root: `packages-tunnel-src-main`. */
export function bundleName(file: string): string {
  return file.replace(/\.ts$/, "").replaceAll("/", "-");
}
