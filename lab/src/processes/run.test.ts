import { describe, expect, it } from "vitest";
import { findWireguardGo, nodeProgram, REPOSITORY } from "./node-program.ts";
import { run, runAny } from "./run.ts";

describe("runAny()", () => {
  it("tells how a command ended", async () =>
    expect(await runAny(["sh", "-c", "cat; echo err >&2; exit 3"], { input: "in" })).toMatchObject({ code: 3, stdout: "in", stderr: "err\n", timedOut: false }));

  it("ends a command at its time limit", async () => expect(await runAny(["sleep", "5"], { timeoutMs: 50 })).toMatchObject({ code: undefined, timedOut: true }));

  it("refuses a program that is not there", () => expect(runAny(["no-such-program", "x"])).rejects.toThrow('Cannot run "no-such-program x": ENOENT'));
});

describe("run()", () => {
  it("returns what the command printed", async () => expect(await run(["echo", "a"])).toBe("a\n"));

  for (const { name, script, timeoutMs = 5000, says } of [
    { name: "its exit code and its own words", script: "echo because >&2; exit 2", says: /exit code 2: because$/ },
    { name: "its time limit", script: "exec sleep 5", timeoutMs: 50, says: /no end after \d+ ms$/ },
    { name: "a signal", script: "kill -9 $$", says: /ended by a signal$/ },
  ])
    it(`fails with ${name}`, () => expect(run(["sh", "-c", script], { timeoutMs })).rejects.toThrow(says));
});

describe("nodeProgram()", () => {
  it("runs a file of the repository from source, by its absolute path", () =>
    expect(nodeProgram("packages/proxy/src/main.ts", ["--dry-run"])).toEqual({
      argv: [process.execPath, "--conditions=source", `${REPOSITORY}/packages/proxy/src/main.ts`, "--dry-run"],
      env: { NODE_COMPILE_CACHE: `${REPOSITORY}/.cache/node` },
    }));
});

describe("findWireguardGo()", () => {
  it("takes the one that is named", () => expect(findWireguardGo({ SDN_WIREGUARD_GO: "/opt/wg", PATH: "/bin" })).toBe("/opt/wg"));
});
