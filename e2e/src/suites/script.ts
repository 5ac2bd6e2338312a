import type { Ending } from "./suite.ts";

/** Set before and after each program's output, on lines of their own; a record separator is in no program's output. */
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
  const endings = [...output.matchAll(/([^\u001e]*)\n\u001e(\d+)\n/g)].map(([, stdout = "", exit]) => ({ exit: Number(exit), stdout }));
  const rest = output.slice(output.lastIndexOf(MARK) + 1);
  while (endings.length < count) endings.push({ exit: NOT_RUN, stdout: endings.length === 0 ? output : rest });
  return endings;
}

/** Exit code of a program that the machine did not come to: none that a program gives. */
const NOT_RUN = 256;

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
