import { quote } from "@sdn-tunnel/lab/vm/job";
import type { Ending } from "./suite.ts";

/** Stands behind each program's output, before its exit code: a record separator is in no program's output. */
const MARK = "\u001e";

/** A program and its longest time in seconds. */
export interface Step {
  readonly argv: readonly string[];
  readonly limitS: number;
}

/** A shell script that runs programs one after the other, whatever becomes of them, and says how each ended. */
export function renderScript(steps: readonly Step[]): string {
  const lines = steps.map(({ argv, limitS }) => `timeout --kill-after=10 ${limitS} ${argv.map(quote).join(" ")}; printf '\\n\\036%d\\n' $?`);
  return lines.join("\n");
}

/** Cuts the script's output into the programs' own; one that did not come to its turn has an ending too. */
export function splitOutput(output: string, count: number): Ending[] {
  const pieces = output.split(MARK);
  return Array.from({ length: count }, (_, i) => {
    const stdout = (pieces[i] ?? "").slice(i === 0 ? 0 : (pieces[i] ?? "").indexOf("\n") + 1).replace(/\n$/, "");
    return { exit: pieces[i + 1] === undefined ? NOT_RUN : Number.parseInt(pieces[i + 1]!, 10), stdout };
  });
}

/** Exit code of a program that the machine did not come to: none that a program gives. */
const NOT_RUN = 256;
