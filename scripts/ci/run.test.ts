import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = dirname(dirname(import.meta.dirname));
const report = JSON.stringify({
  testResults: [{ name: "a", status: "passed", assertionResults: [{ status: "passed", fullName: "a" }] }],
});
/** Stands for npm: each step succeeds, the tests leave a report, the demo prints its document. */
const npm = `#!/bin/sh
case "$*" in
test) mkdir -p lab/reports; echo '${report}' > lab/reports/vitest.json ;;
*demo*) echo '{ "checks": [{ "name": "pod to pod", "ok": true }] }' ;;
esac
`;

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ci-"));
  for (const path of [".ci", "scripts/ci"]) cpSync(join(root, path), join(folder, path), { recursive: true });
  for (const path of ["bin", "packages", "lab", "node_modules/node/bin"]) mkdirSync(join(folder, path), { recursive: true });
  symlinkSync(process.execPath, join(folder, "node_modules/node/bin/node"));
  writeFileSync(join(folder, "lab/package.json"), '{ "scripts": { "test": "vitest run" } }');
  fakeNpm(npm);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fakeNpm = (script: string): void => writeFileSync(join(folder, "bin/npm"), script, { mode: 0o755 });

function runCi(): { status: number | null; lastLine: string | undefined; output: string } {
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
  const { status, stdout } = spawnSync("bash", [join(folder, ".ci/run")], {
    encoding: "utf8",
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return { status, lastLine: stdout.trimEnd().split("\n").at(-1), output: stdout };
}

describe(".ci/run", () => {
  it("adds up one test, four steps and one check of the demo", () => {
    expect(runCi()).toMatchObject({ status: 0, lastLine: "6 passed, 0 failed" });
  });

  it("fails when a step fails, and shows which", () => {
    fakeNpm(`${npm}case "$*" in *lint*) exit 4 ;; esac\n`);
    const { status, lastLine, output } = runCi();
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: "5 passed, 1 failed" });
    expect(output).toContain("FAILED lint: ended with exit code 4");
  });

  it("does not count a report that an earlier run left", () => {
    mkdirSync(join(folder, "lab/reports"));
    writeFileSync(join(folder, "lab/reports/vitest.json"), report);
    fakeNpm(npm.replace("test)", "never)"));
    expect(runCi()).toMatchObject({ status: 1, lastLine: "5 passed, 1 failed" });
  });

  const crashes: [string, () => void][] = [
    ["the set-up fails", () => fakeNpm("#!/bin/sh\nexit 1\n")],
    ["there is no npm that starts", () => fakeNpm("#!/nonexistent\n")],
    [
      "the summary crashes",
      () => writeFileSync(join(folder, "scripts/ci/summary.mjs"), "console.log('7 passed'); throw new Error();"),
    ],
    ["the pinned Node is gone", () => rmSync(join(folder, "node_modules"), { recursive: true })],
  ];
  for (const [what, breakIt] of crashes) {
    it(`prints its last line though ${what}`, () => {
      breakIt();
      expect(runCi()).toMatchObject({ status: 1, lastLine: "0 passed, 1 failed" });
    });
  }
});
