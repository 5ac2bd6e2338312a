import { describe, expect, it } from "vitest";
import { ancestorsToWatch, readAncestors } from "./ancestors.ts";

const chainOf = (...commands: string[]) => commands.map((command, i) => ({ pid: 100 - i, command }));

const cases: { name: string; chain: string[]; underNpm?: boolean; want: number }[] = [
  { name: "watches the parent only, when a person's shell started it", chain: ["-bash", "sshd: user", "sshd"], want: 1 },
  { name: "looks through the shell that npm starts", chain: ["sh -c node launcher.ts", "npm run demo", "-bash"], underNpm: true, want: 2 },
  {
    name: "watches everything up to npm, with the bootstrap between them",
    chain: ["/usr/bin/node scripts/start.mjs", "sh -c node scripts/start.mjs", "npm run demo", "-bash"],
    underNpm: true,
    want: 3,
  },
  { name: "knows npm by its file, too", chain: ["sh -c x", "node /usr/lib/node_modules/npm/bin/npm-cli.js run x", "bash"], underNpm: true, want: 2 },
  { name: "leaves npm alone when it is not npm's script", chain: ["-bash", "node editor.js", "npm run editor"], want: 1 },
  { name: "looks through sh -c without npm", chain: ["/bin/bash -c node launcher.ts", "make lab", "-bash"], want: 2 },
  { name: "does without parents", chain: [], want: 0 },
  { name: "watches shells up to the top when there is nothing else", chain: ["sh -c a", "sh -c b"], want: 2 },
];

describe("ancestorsToWatch()", () => {
  for (const { name, chain, underNpm = false, want } of cases)
    it(name, () => expect(ancestorsToWatch(chainOf(...chain), underNpm)).toEqual(chainOf(...chain).slice(0, want)));
});

describe("readAncestors()", () => {
  it("begins with the parent", () => expect(readAncestors()[0]?.pid).toBe(process.ppid));
});
