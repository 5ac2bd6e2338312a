import { describe, expect, it } from "vitest";
import { CommonError } from "../errors.ts";
import { createCommandRunner } from "./command.ts";

const { run } = createCommandRunner();

const fault = (running: Promise<unknown>) =>
  running.then(
    () => undefined,
    (error: unknown) => (error instanceof CommonError ? error.fault : error),
  );

describe("the command runner", () => {
  it("resolves to standard output as it is", async () => expect(await run(["printf", " a\\nb\\n\\n"])).toBe(" a\nb\n\n"));

  it("passes standard input, and none when there is none", async () => {
    expect(await run(["cat"], { input: "secret" })).toBe("secret");
    expect(await run(["cat"])).toBe("");
  });

  it("takes arguments as they are: no shell reads them", async () => expect(await run(["printf", "%s", "$HOME; *"])).toBe("$HOME; *"));

  it("takes more output than a pipe holds", async () => expect(await run(["head", "-c", "5000000", "/dev/zero"])).toHaveLength(5_000_000));

  it("tells command line, exit code and standard error of one that fails", async () => {
    const running = run(["sh", "-c", "echo no such table >&2; exit 3"]);
    expect(await fault(running)).toEqual({
      code: "COMMAND_FAILED",
      command: "sh -c echo no such table >&2; exit 3",
      exit: "exit code 3",
      stderr: "no such table",
    });
    await expect(running).rejects.toThrow(/^Cannot run "sh -c .*": exit code 3: no such table$/);
  });

  it("does not tell standard input, which may be secret", async () => {
    const running = run(["sh", "-c", "cat >/dev/null; exit 1"], { input: "hunter2" });
    expect(JSON.stringify(await fault(running))).not.toContain("hunter2");
  });

  it("tells the start of an endless standard error", async () => {
    const told = await fault(run(["sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1"]));
    expect(told).toMatchObject({ code: "COMMAND_FAILED", stderr: "x".repeat(2000) });
  });

  it("tells the signal that ended it", async () => {
    expect(await fault(run(["sh", "-c", "kill -9 $$"]))).toMatchObject({ code: "COMMAND_FAILED", exit: "ended by SIGKILL" });
  });

  it("kills one that takes too long", async () => {
    expect(await fault(run(["sleep", "60"], { timeoutMs: 100 }))).toMatchObject({ code: "COMMAND_FAILED", exit: "killed after 100 ms" });
  });

  it("kills one that does not listen, and does not wait for what one started itself", async () => {
    for (const script of ["trap '' TERM; while :; do sleep 0.1; done", "sleep 5; echo done"]) {
      const started = performance.now();
      expect(await fault(run(["sh", "-c", script], { timeoutMs: 100 }))).toMatchObject({ exit: "killed after 100 ms" });
      expect(performance.now() - started).toBeLessThan(3000);
    }
  });

  it("tells which package has a missing program", async () => {
    expect(await fault(run(["ovs-ofctl-that-is-missing", "show"]))).toEqual({
      code: "COMMAND_MISSING",
      command: "ovs-ofctl-that-is-missing show",
      debianPackage: "ovs-ofctl-that-is-missing",
    });
  });

  it("tells of one that may not be started", async () => {
    expect(await fault(run(["/etc/passwd"]))).toMatchObject({ code: "COMMAND_FAILED", exit: "not started (EACCES)" });
  });
});
