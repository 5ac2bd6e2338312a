import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeJob } from "./job.ts";
import type { Job } from "./job.ts";

const job: Job = { argv: ["true"], env: {}, cwd: "/", writable: [], modules: [] };
const decode = (text: string): string[] => text.trimEnd().split("\n").map((line) => Buffer.from(line, "base64").toString("utf8"));

/** Runs the program's script as the guest does, but with the guest's own files left out. */
function runProgram(encoded: string): string {
  const script = decode(encoded)[1]!.replace("/run/sdn-vm/pid", "/dev/null");
  return execFileSync("sh", ["-c", `exec 3>/dev/null; ${script}`], { encoding: "utf8" });
}

describe("encodeJob()", () => {
  it("is two lines, so that a shell can read it from a port", () => {
    expect(encodeJob({ ...job, argv: ["printf", "a\nb"] })).toMatch(/^[A-Za-z0-9+/=]+\n[A-Za-z0-9+/=]+\n$/);
  });

  it("hands over every argument and variable as it is", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((value) => !value.includes("\0"));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), text, (args, value) => {
        const script = 'printf "%s\\0" "$VALUE" "$@"';
        const got = runProgram(encodeJob({ ...job, argv: ["/bin/sh", "-c", script, "sh", ...args], env: { VALUE: value } }));
        expect(got.split("\0").slice(0, -1)).toEqual([value, ...args]);
      }),
      { numRuns: 30 },
    );
  });

  it("gives the program no other variables, and its directory", () => {
    const printed = runProgram(encodeJob({ ...job, argv: ["/bin/sh", "-c", "/usr/bin/env; pwd"], env: { A: "1" }, cwd: "/usr" }));
    expect(printed.split("\n").filter((line) => line !== "" && !line.startsWith("_="))).toEqual(expect.arrayContaining(["A=1", "/usr"]));
    expect(printed).not.toContain("HOME=");
  });

  it("asks for shares in the order of their tags, and for modules only when there are some", () => {
    const [setup] = decode(encodeJob({ ...job, writable: ["/a b", "/c'd"], modules: ["ip_vs", "openvswitch"] }));
    expect(setup).toBe("share writable0 '/a b'\nshare writable1 '/c'\\''d'\nload 'ip_vs' 'openvswitch'\n:\n");
    expect(decode(encodeJob(job))[0]).toBe(":\n");
  });
});
