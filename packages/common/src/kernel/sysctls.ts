import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../daemon/files.ts";
import { CommonError, messageOf } from "../errors.ts";

/** Kernel settings by their path under /proc/sys: `net/ipv4/ip_forward`. */
export interface Sysctls {
  /** `undefined` when the kernel has no such setting. */
  read(name: string): Promise<string | undefined>;
  write(name: string, value: string): Promise<void>;
}

/** The kernel's own (proc(5)). */
export const procSysctls: Sysctls = {
  async read(name) {
    try {
      return (await readFile(`/proc/sys/${name}`, "utf8")).trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  },
  write: (name, value) => writeFile(`/proc/sys/${name}`, value),
};

/**
 * Settings that were changed, with their values from before. Sysctls carry no tag, so a file is the memory: one for
 * each daemon, since two that wrote one would lose each other's notes.
 */
export class KeptSysctls {
  readonly #sysctls: Sysctls;
  readonly #file: string;

  /** @param file a name inside `stateDir` that no other daemon uses */
  constructor(sysctls: Sysctls, stateDir: string, file = "sysctls.json") {
    this.#sysctls = sysctls;
    this.#file = join(stateDir, file);
  }

  /** Sets what differs; the first value ever found is noted before it is overwritten. Returns what was set. */
  async ensure(wanted: ReadonlyMap<string, string>): Promise<string[]> {
    const set: string[] = [];
    for (const [name, value] of wanted) {
      const before = await this.#sysctls.read(name);
      if (before === undefined || before === value) continue;
      await this.#note(name, before);
      await this.#sysctls.write(name, value);
      set.push(name);
    }
    return set;
  }

  /** Puts every setting back to what it was, and forgets it. */
  async restore(): Promise<void> {
    for (const [name, value] of Object.entries(await this.#noted()).toReversed())
      if ((await this.#sysctls.read(name)) !== undefined) await this.#sysctls.write(name, value);
    await rm(this.#file, { force: true });
  }

  async #note(name: string, value: string): Promise<void> {
    const noted = await this.#noted();
    if (Object.hasOwn(noted, name)) return;
    await mkdir(join(this.#file, ".."), { recursive: true });
    await writeFileAtomically(this.#file, `${JSON.stringify({ ...noted, [name]: value }, undefined, 2)}\n`);
  }

  async #noted(): Promise<Record<string, string>> {
    const text = await readFile(this.#file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "{}";
      throw error;
    });
    try {
      const noted = JSON.parse(text) as Record<string, string> | null;
      if (typeof noted !== "object" || noted === null || Object.values(noted).some((value) => typeof value !== "string")) throw new RangeError("it holds something else");
      return noted;
    } catch (error) {
      const problem = `it is to hold sysctls with their values from before, but ${messageOf(error)}`;
      const remedy = "repair it, or delete it: then --cleanup leaves these sysctls as they are";
      throw new CommonError({ code: "STATE_UNREADABLE", file: this.#file, problem, remedy }, { cause: error });
    }
  }
}
