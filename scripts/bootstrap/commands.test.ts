import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import rootPackage from "../../package.json" with { type: "json" };
import { commands, parseCommandLine } from "./commands.mjs";

describe("parseCommandLine", () => {
  it("takes what follows the separator as arguments", () => {
    expect(parseCommandLine(["demo", "--", "--json", "--", "x"])).toEqual({
      command: commands["demo"],
      args: ["--json", "--", "x"],
    });
  });
  it("accepts arguments without the separator", () => {
    expect(parseCommandLine(["lab", "shell"])).toEqual({ command: commands["lab"], args: ["shell"] });
  });
  for (const name of ["", "demos", "constructor"]) {
    it(`refuses "${name}" and names what is accepted`, () => {
      expect(parseCommandLine([name])).toEqual({
        problem: expect.stringMatching(/^Cannot run ".*": not a command\. Accepted: demo, lab, /),
      });
    });
  }
});

describe("package.json", () => {
  // exec: a shell that stays between npm and the bootstrap would hide that npm was killed.
  it("starts every command, and nothing else, through the bootstrap", () => {
    const wanted = Object.keys(commands).map((name) => [name, `exec node scripts/bootstrap.mjs ${name} --`]);
    expect(rootPackage.scripts).toEqual(Object.fromEntries(wanted));
  });
  it("names programs of installed packages that exist", () => {
    const root = dirname(dirname(import.meta.dirname));
    const installed = Object.values(commands).flatMap(({ argv }) => argv.filter((word) => word.startsWith("node_modules/")));
    expect(installed.filter((program) => !existsSync(join(root, program)))).toEqual([]);
  });
});
