import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * What goes wrong with a program:
 *
 * - `killed at once`: before it does anything
 * - `killed half-way`: when it has read half of its input, and waits for the rest
 * - `killed after`: when it has done everything, so that nobody hears of it
 * - `cut`: it prints half of what it would, and is killed
 * - `cut quietly`: the same, and it ends as if all were well
 * - `garbage`: it does nothing, prints something else, and ends as if all were well
 * - `hangs`: until it is killed
 */
export type Sabotaged = "killed at once" | "killed half-way" | "killed after" | "cut" | "cut quietly" | "garbage" | "hangs";

/** For tests: stands before programs of the system, and lets a call of theirs go wrong. To be first in PATH. */
export class Sabotage implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "sabotage-"));

  /** @param programs names of those that can be sabotaged; each must be in `path` */
  constructor(programs: readonly string[], path = process.env["PATH"] ?? "") {
    for (const program of programs) {
      const real = path.split(delimiter).map((folder) => join(folder, program)).find(existsSync);
      if (real === undefined) throw new Error(`Cannot sabotage ${program}: it is not in ${path}`);
      writeFileSync(join(this.folder, program), wrapper(program, real, this.folder, path));
      chmodSync(join(this.folder, program), 0o755);
    }
    symlinkSync("/bin/sh", join(this.folder, "sh"));
  }

  /** Lets the next call go wrong whose arguments match a pattern of the shell: `-f -`, `*list*`. */
  arm(program: string, fault: Sabotaged, args: string): void {
    writeFileSync(this.#order(program), `${fault.replaceAll(" ", "-")} ${args}\n`);
  }

  /** Whether the call for which it was armed has come. */
  done(program: string): boolean {
    return !existsSync(this.#order(program));
  }

  /** Takes a program away, until what it returns is called. */
  remove(program: string): () => void {
    const [here, away] = [join(this.folder, program), join(this.folder, `${program}.away`)];
    renameSync(here, away);
    return () => renameSync(away, here);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #order(program: string): string {
    mkdirSync(join(this.folder, "orders"), { recursive: true });
    return join(this.folder, "orders", program);
  }
}

const wrapper = (program: string, real: string, folder: string, path: string): string => `#!/bin/sh
PATH='${path}'
real='${real}'
order='${folder}/orders/${program}'
work='${folder}/orders/${program}.$$'
fault= pattern=
[ -f "$order" ] && read -r fault pattern < "$order"
case "$*" in $pattern) [ -n "$fault" ] && rm "$order" || fault= ;; *) fault= ;; esac
print_half() {
  "$real" "$@" > "$work"
  head -c $(($(wc -c < "$work") / 2)) "$work"
}
case "$fault" in
  '') exec "$real" "$@" ;;
  killed-at-once) kill -9 $$ ;;
  killed-half-way)
    cat > "$work"
    mkfifo "$work.pipe"
    "$real" "$@" < "$work.pipe" &
    exec 3> "$work.pipe"
    head -c $(($(wc -c < "$work") / 2)) "$work" >&3
    sleep 0.2
    kill -9 $!
    kill -9 $$ ;;
  killed-after) "$real" "$@"; kill -9 $$ ;;
  cut) print_half "$@"; kill -9 $$ ;;
  cut-quietly) print_half "$@" ;;
  garbage) echo 'no listing } {' ;;
  hangs) exec sleep 1000 ;;
esac
`;
