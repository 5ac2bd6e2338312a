import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { mainBuildsAdapters } from "./adapters.ts";
import {
  daemonsStandAlone,
  dependenciesDeclared,
  importsNameTheFile,
  noDrawers,
  nothingImportsMain,
  oneDoorPerLibrary,
} from "./dependencies.ts";
import { foldersInReadme, linksLead, metricsInReadme } from "./documents.ts";
import { pureCore } from "./purity.ts";
import { readTree } from "./read-tree.ts";
import type { Rule } from "./source-file.ts";
import { noForbiddenWords, shortFiles } from "./wording.ts";

const rules: Readonly<Record<string, Rule>> = {
  "daemons import common, never each other": daemonsStandAlone,
  "nothing imports a main.ts": nothingImportsMain,
  "only main.ts builds real adapters": mainBuildsAdapters,
  "plans, diffs, net, admit and names are pure": pureCore,
  "a library has one importing module in a package": oneDoorPerLibrary,
  "dependencies are declared": dependenciesDeclared,
  "no file takes values from more than four folders": noDrawers,
  "imports name the file": importsNameTheFile,
  "every folder has its line in the README": foldersInReadme,
  "every metric has its row in the README": metricsInReadme,
  "links in documents lead somewhere": linksLead,
  "source files are short": shortFiles,
  "no forbidden words": noForbiddenWords,
};

describe("the repository", () => {
  const tree = readTree(dirname(dirname(import.meta.dirname)));

  it("is seen by the rules", () => {
    for (const path of [
      "packages/common/src/net/prefix.ts",
      "package.json",
      "scripts/rules/repository.test.ts",
      ".oxlintrc.json",
    ]) {
      expect(tree.map((file) => file.path)).toContain(path);
    }
  });
  for (const [name, rule] of Object.entries(rules)) {
    it(name, () => {
      const violations = rule(tree).map(({ path, message }) => `${path} ${message}`);
      expect(violations, violations.join("\n")).toEqual([]);
    });
  }
});
