/** An example in a README that a test runs: a fenced block whose info string is `ts example`. */
export interface Example {
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * Finds the examples of a README.
 *
 * @param markdown fences of backticks at the line's start (CommonMark 0.31, §4.5)
 * @returns in order; other blocks, also those of plain `ts`, are left out
 */
export function examplesOf(markdown: string): Example[] {
  return [...markdown.matchAll(/^```(.*)\n([^]*?)^```[ \t]*$/gm)]
    .filter((match) => match[1]?.trim() === "ts example")
    .map((match) => ({ line: markdown.slice(0, match.index).split("\n").length, text: match[2] ?? "" }));
}
