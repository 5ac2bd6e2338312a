import { describe, expect, it } from "vitest";
import { lockMatches } from "./packages.mjs";

const wanted = {
  "": { version: "0.1.0" },
  "node_modules/zod": { version: "4.6.7" },
  "node_modules/nx-darwin": { version: "24.0.6", optional: true },
  "node_modules/@x/lab": { link: true, resolved: "lab" },
  lab: { version: "0.1.0" },
};
const { "": _root, "node_modules/nx-darwin": _foreign, ...installed } = wanted;

describe("lockMatches", () => {
  const cases = [
    { name: "accepts an installation without the optional packages of other systems", installed, want: true },
    { name: "accepts one with them", installed: { ...installed, "node_modules/nx-darwin": { version: "24.0.6" } }, want: true },
    { name: "refuses another version", installed: { ...installed, "node_modules/zod": { version: "4.6.6" } }, want: false },
    { name: "refuses an absent package", installed: { lab: installed.lab }, want: false },
    {
      name: "refuses a package that is no longer wanted",
      installed: { ...installed, "node_modules/old": { version: "1.0.0" } },
      want: false,
    },
    {
      name: "refuses a workspace member that moved",
      installed: { ...installed, "node_modules/@x/lab": { link: true, resolved: "tools/lab" } },
      want: false,
    },
    {
      name: "refuses an optional package of another version",
      installed: { ...installed, "node_modules/nx-darwin": { version: "24.0.5" } },
      want: false,
    },
    { name: "refuses an empty installation", installed: {}, want: false },
  ];
  for (const { name, installed: found, want } of cases) it(name, () => expect(lockMatches(wanted, found)).toBe(want));
});
