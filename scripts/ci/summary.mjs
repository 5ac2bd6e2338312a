// Prints the failures of a CI run, and as the last line `N passed, M failed`. Called by .ci/run with the folder that holds
// steps.tsv (name, exit code) and demo.json.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { count } from "./count.mjs";

const root = dirname(dirname(import.meta.dirname));
const folder = process.argv[2] ?? "";

/** @param {string} path @returns {any} undefined when the file is absent or no JSON */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}`);
const projects = [...packages, "lab", "e2e", "bench", "scripts"].filter((project) => {
  const scripts = existsSync(join(root, project, "package.json")) && readJson(join(root, project, "package.json")).scripts;
  return scripts && "test" in scripts;
});
const steps = readFileSync(join(folder, "steps.tsv"), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split("\t"));

const { passed, skipped, failures } = count({
  steps: steps.map(([name = "", exitCode]) => ({ name, exitCode: Number(exitCode) })),
  reports: Object.fromEntries(projects.map((project) => [project, readJson(join(root, project, "reports", "vitest.json"))])),
  demo: readJson(join(folder, "demo.json")),
});
for (const failure of failures) console.log(`\nFAILED ${failure}`);
console.log(`\n${skipped} skipped`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;
