import { type Rule, isSource } from "./source-file.ts";

/** The longest source file that a reader is asked to take in at once, in lines; tests are tables and may be longer. */
const longest = 250;

/** Source files end before they become unreadable. */
export const shortFiles: Rule = (files) =>
  files
    .filter(({ path }) => isSource(path) || /^scripts\/.*(?<!\.test)\.(?:ts|mjs)$/.test(path))
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0) }))
    .filter(({ lines }) => lines > longest)
    .map(({ path, lines }) => ({
      path,
      message: `has ${lines} lines, more than ${longest}: split it along the words of its own description`,
    }));

interface Forbidden {
  readonly pattern: RegExp;
  readonly reason: string;
}

/** Joined, so that this file does not break its own rule. */
const words = (...parts: [string, string][]): string => parts.map(([head, tail]) => head + tail).join("|");

const forbidden: readonly Forbidden[] = [
  {
    pattern: new RegExp(`\\b(?:${words(["TO", "DO"], ["FIX", "ME"], ["XX", "X"])})\\b`),
    reason: "what is not done is not in the tree; finish it or leave it out",
  },
  {
    pattern: new RegExp(`(?<![\\w./~-])/(?:${words(["wo", "rk"], ["ho", "me"], ["tmp/te", "am"], ["tmp/go", "bin"])})/\\w`),
    reason: "a path of one machine does not exist on the next",
  },
];

/** No unfinished business, and nothing that is true on one machine only. */
export const noForbiddenWords: Rule = (files) =>
  files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) =>
      forbidden.flatMap(({ pattern, reason }) => {
        const found = pattern.exec(line)?.[0];
        return found ? [{ path, message: `line ${index + 1} says ${found}: ${reason}` }] : [];
      }),
    ),
  );
