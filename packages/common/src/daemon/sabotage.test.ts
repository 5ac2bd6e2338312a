import { describe, expect, it } from "vitest";
import { CommonError } from "../errors.ts";
import { createCommandRunner, wasInterrupted } from "./command.ts";
import { Sabotage } from "./sabotage.ts";
import type { Sabotaged } from "./sabotage.ts";

/** Runs cat(1) in a way that goes wrong: what it printed, or how it ended. */
async function run(fault: Sabotaged | undefined, input = "0123456789"): Promise<string> {
  using sabotage = new Sabotage(["cat"]);
  if (fault) sabotage.arm("cat", fault, "-u*");
  const outcome = await createCommandRunner()
    .run([`${sabotage.folder}/cat`, "-u", "-"], { input, timeoutMs: fault === "hangs" ? 300 : 20_000 })
    .catch((error: unknown) => {
      if (!(error instanceof CommonError && error.fault.code === "COMMAND_FAILED")) throw error;
      expect(wasInterrupted(error)).toBe(true);
      return error.fault.exit;
    });
  expect(sabotage.done("cat")).toBe(true);
  return outcome;
}

describe("Sabotage", () => {
  const cases: [Sabotaged | undefined, string][] = [
    [undefined, "0123456789"],
    ["killed at once", "ended by SIGKILL"],
    ["killed half-way", "ended by SIGKILL"],
    ["killed after", "ended by SIGKILL"],
    ["cut", "ended by SIGKILL"],
    ["cut quietly", "01234"],
    ["garbage", "no listing } {\n"],
    ["hangs", "killed after 300 ms"],
  ];
  for (const [fault, want] of cases) it(`lets a program be ${fault ?? "as it is"}`, async () => expect(await run(fault)).toBe(want));

  it("spares calls that do not match", async () => {
    using sabotage = new Sabotage(["cat"]);
    sabotage.arm("cat", "garbage", "*--number*");
    expect(await createCommandRunner().run([`${sabotage.folder}/cat`], { input: "text" })).toBe("text");
    expect(sabotage.done("cat")).toBe(false);
  });
});

describe("wasInterrupted()", () => {
  it("tells a program that said no from one that could not say anything", async () => {
    const failure = async (...argv: [string, ...string[]]): Promise<unknown> => await createCommandRunner().run(argv).catch((error: unknown) => error);
    expect(wasInterrupted(await failure("sh", "-c", "exit 1"))).toBe(false);
    expect(wasInterrupted(await failure("sh", "-c", "kill -9 $$"))).toBe(true);
    expect(wasInterrupted(await failure("no-such-program"))).toBe(true);
    expect(wasInterrupted(new Error("refused"))).toBe(false);
  });
});
