import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readDemo } from "./read.ts";
import { renderScript, splitOutput } from "./script.ts";
import { judgeJob } from "./suite.ts";
import type { Suite } from "./suite.ts";

describe("the guest's script", () => {
  const steps = [["printf", "a\\nb"], ["sh", "-c", "echo 'it''s'; exit 3"], ["true"], ["sleep", "5"]].map((argv) => ({ argv, limitS: 1 }));
  const output = execFileSync("sh", ["-c", renderScript(steps)], { encoding: "utf8" });

  it("gives each program its own output and exit code, whatever became of the others", () => {
    expect(splitOutput(output, 4)).toEqual([
      { exit: 0, stdout: "a\nb" },
      { exit: 3, stdout: "its\n" },
      { exit: 0, stdout: "" },
      { exit: 124, stdout: "" },
    ]);
  });

  it("tells of programs that the machine did not come to", () => {
    expect(splitOutput("half a li", 2)).toEqual([{ exit: 256, stdout: "half a li" }, { exit: 256, stdout: "" }]);
  });
});

describe("judgeJob()", () => {
  const suite: Suite = {
    name: "s",
    place: "namespace",
    file: "/s.ts",
    engines: ["vm"],
    limitS: 60,
    read: (stdout) => JSON.parse(stdout) as { name: string }[],
    promised: ["one", "two"],
  };
  const judged = (exit: number, stdout: string) => judgeJob({ suite, engine: "vm", sdn: "bridge" }, { exit, stdout }).map(({ name, error }) => [name, error]);

  it.each([
    { name: "is content", exit: 0, stdout: '[{"name":"one"},{"name":"two"}]', want: [["one", undefined], ["two", undefined], ["comes to its end", undefined]] },
    { name: "misses what was promised", exit: 0, stdout: '[{"name":"one"}]', want: [["one", undefined], ["two", "a case that did not run"], ["comes to its end", undefined]] },
    { name: "is not content with nothing", exit: 0, stdout: "[]", want: [["one", "a case that did not run"], ["two", "a case that did not run"], ["comes to its end", "exit code 0, 0 cases"]] },
    { name: "names a time that was over", exit: 124, stdout: '[{"name":"one"},{"name":"two"}]', want: [["one", undefined], ["two", undefined], ["comes to its end", "not done after 60 s, 2 cases"]] },
  ])("$name", ({ exit, stdout, want }) => expect(judged(exit, stdout)).toEqual(want));

  it("takes output that cannot be read for a failure", () => {
    expect(judged(0, "Segmentation fault")[0]).toEqual(["prints what came of it", expect.stringContaining("Segmentation fault")]);
  });
});

describe("readDemo()", () => {
  const twin = (ok: boolean) => ({ takes: "the rule", ok, ms: 2, detail: ok ? "timeout" : "still holds" });
  const read = (ok: boolean, detail: string, more: object = {}) => readDemo(JSON.stringify({ checks: [{ name: "a pod answers", ok, ms: 1, detail, ...more }] })).map(({ name, error }) => [name, error]);

  it("makes a case of each check and of each twin", () => {
    expect(read(true, "answers", { twin: twin(true) })).toEqual([["a pod answers", undefined], ["a pod answers: fails without the rule", undefined]]);
    expect(read(false, "timeout")).toEqual([["a pod answers", "timeout"]]);
    expect(read(false, "answers", { twin: twin(false) })).toEqual([["a pod answers", undefined], ["a pod answers: fails without the rule", "still holds"]]);
  });
});
