import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "vitest";
import { KeptSysctls } from "./sysctls.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "sysctls-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const kernel = (values: Record<string, string>) => ({
  values,
  read: async (name: string) => values[name],
  write: async (name: string, value: string) => void (values[name] = value),
});

describe("KeptSysctls", () => {
  it("sets what differs, and puts it back, also after a restart", async () => {
    const proc = kernel({ a: "0", b: "1" });
    assert.deepEqual(await new KeptSysctls(proc, folder).ensure(new Map([["a", "1"], ["b", "1"], ["absent", "1"]])), ["a"]);
    assert.deepEqual(proc.values, { a: "1", b: "1" });
    await new KeptSysctls(proc, folder).restore();
    assert.deepEqual(proc.values, { a: "0", b: "1" });
    assert.ok(!existsSync(join(folder, "sysctls.json")));
  });

  it("remembers the first value, not one that somebody set meanwhile", async () => {
    const proc = kernel({ a: "0" });
    const kept = new KeptSysctls(proc, folder);
    await kept.ensure(new Map([["a", "1"]]));
    proc.values["a"] = "2";
    await kept.ensure(new Map([["a", "1"]]));
    await kept.restore();
    assert.deepEqual(proc.values, { a: "0" });
  });

  it("writes nothing and keeps no file when all is as wanted", async () => {
    assert.deepEqual(await new KeptSysctls(kernel({ a: "1" }), folder).ensure(new Map([["a", "1"]])), []);
    assert.ok(!existsSync(join(folder, "sysctls.json")));
  });

  for (const text of ["", "{", "[1]", "null", '"text"', '{"a": 1}'])
    it(`never overwrites notes that it cannot read, and names the file: ${text}`, async () => {
      writeFileSync(join(folder, "sysctls.json"), text);
      const proc = kernel({ a: "0" });
      for (const act of [(kept: KeptSysctls) => kept.ensure(new Map([["a", "1"]])), (kept: KeptSysctls) => kept.restore()])
        await assert.rejects(act(new KeptSysctls(proc, folder)), { message: /Cannot read .*sysctls\.json: .*repair it, or delete it/ });
      assert.deepEqual([proc.values, readFileSync(join(folder, "sysctls.json"), "utf8")], [{ a: "0" }, text]);
    });

  it("keeps the notes of one daemon apart from another's", async () => {
    const proc = kernel({ a: "0", b: "0" });
    await new KeptSysctls(proc, folder, "one.json").ensure(new Map([["a", "1"]]));
    await new KeptSysctls(proc, folder, "other.json").ensure(new Map([["b", "1"]]));
    await new KeptSysctls(proc, folder, "one.json").restore();
    assert.deepEqual(proc.values, { a: "0", b: "1" });
  });
});
