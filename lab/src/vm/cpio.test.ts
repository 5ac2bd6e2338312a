import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeCpio } from "./cpio.ts";
import type { CpioEntry } from "./cpio.ts";

/** Reads an archive by the format's description alone, to its trailer. */
function readCpio(archive: Buffer): CpioEntry[] {
  const entries: CpioEntry[] = [];
  const align = (at: number) => (at + 3) & ~3;
  for (let at = 0; ; ) {
    expect(archive.toString("latin1", at, at + 6)).toBe("070701");
    const field = (i: number) => Number.parseInt(archive.toString("latin1", at + 6 + 8 * i, at + 14 + 8 * i), 16);
    const nameEnd = at + 110 + field(11);
    const path = archive.toString("utf8", at + 110, nameEnd - 1);
    expect(archive[nameEnd - 1]).toBe(0);
    if (path === "TRAILER!!!") return entries;
    const start = align(nameEnd);
    entries.push({ path, mode: field(1), data: new Uint8Array(archive.subarray(start, start + field(6))), device: [field(9), field(10)] });
    at = align(start + field(6));
  }
}

describe("writeCpio()", () => {
  it("writes what a reader of the format reads back, whatever the lengths of names and files", () => {
    const fields = {
      path: fc.stringMatching(/^[a-z0-9/_.-]{1,40}$/),
      mode: fc.constantFrom(0o100755, 0o100644, 0o40755),
      data: fc.uint8Array({ maxLength: 40 }),
      device: fc.constant([0, 0] as const),
    };
    const entry = fc.record(fields, { noNullPrototype: true });
    const archives = fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
      expect(readCpio(writeCpio(entries))).toEqual(entries);
    });
    fc.assert(archives);
  });

  it("keeps a device's numbers", () => {
    const device: CpioEntry = { path: "dev/console", mode: 0o20600, data: new Uint8Array(), device: [5, 1] };
    expect(readCpio(writeCpio([device]))).toEqual([device]);
  });

  it("makes the same bytes of the same entries", () => {
    const entries = [{ path: "init", mode: 0o100755, data: Buffer.from("x") }];
    expect(writeCpio(entries).equals(writeCpio(entries))).toBe(true);
  });
});
