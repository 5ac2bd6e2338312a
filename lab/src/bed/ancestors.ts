import { readFileSync } from "node:fs";

/** A process above this one: its pid, and its command line with the arguments separated by blanks. */
export interface Ancestor {
  readonly pid: number;
  readonly command: string;
}

/**
 * Picks the ancestors whose end must end the bed: the parent, and whatever stands between it and the user.
 *
 * npm runs a script through `sh -c`, and that shell outlives a killed npm. So a shell of this kind is looked
 * through, and inside a script of npm everything up to npm itself is watched.
 *
 * @param chain the ancestors, parent first, pid 1 and what is above it left out
 * @param underNpm whether npm started this program, that is, `npm_lifecycle_event` is set
 */
export function ancestorsToWatch(chain: readonly Ancestor[], underNpm: boolean): readonly Ancestor[] {
  const npm = underNpm ? chain.findIndex(({ command }) => /(^|\/)(npm|npx|yarn|pnpm)([ .-]|$)/.test(command)) : -1;
  if (npm >= 0) return chain.slice(0, npm + 1);
  const user = chain.findIndex(({ command }) => !/^(\S*\/)?(ba|da)?sh -c /.test(command));
  return user < 0 ? chain : chain.slice(0, user + 1);
}

/** The ancestors of this process as /proc shows them now, parent first; one that cannot be read ends the list. */
export function readAncestors(): readonly Ancestor[] {
  const chain: Ancestor[] = [];
  for (let pid = process.ppid; pid > 1; pid = parentOf(pid)) {
    const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    chain.push({ pid, command });
  }
  return chain;
}

/**
 * Calls `onGone` once, when the link between two neighbours of `[this process, ...watched]` is broken: a child
 * whose parent died belongs to another one, so a reused pid cannot deceive.
 *
 * @returns a function that ends the watch
 */
export function watchAncestors(watched: readonly Ancestor[], onGone: () => void, everyMs = 200): () => void {
  const timer = setInterval(() => {
    const intact = watched.every(({ pid }, i) => (i === 0 ? process.ppid : parentOf(watched[i - 1]!.pid)) === pid);
    if (intact) return;
    clearInterval(timer);
    onGone();
  }, everyMs).unref();
  return () => clearInterval(timer);
}

/** Parent's pid by proc_pid_stat(5), field 4; 0 when the process is gone. The name in field 2 may hold anything. */
function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // the process ended, which is what the caller wants to know
  }
}
