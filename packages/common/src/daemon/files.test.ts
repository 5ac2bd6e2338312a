import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFileAtomically } from "./files.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "sdn-tunnel-files-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writeFileAtomically()", () => {
  it("writes a new file and replaces an old one, and leaves nothing else", async () => {
    const path = join(folder, "health.json");
    await writeFileAtomically(path, "one");
    expect(readFileSync(path, "utf8")).toBe("one");
    const before = statSync(path).ino;
    await writeFileAtomically(path, "two");
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(statSync(path).ino).not.toBe(before);
    expect(readdirSync(folder)).toEqual(["health.json"]);
  });

  it("never shows a part to a reader, also when writes overlap", async () => {
    const path = join(folder, "health.json");
    const texts = Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(200_000));
    await writeFileAtomically(path, texts[0] ?? "");
    const seen = new Set<string>();
    const reader = setInterval(() => seen.add(readFileSync(path, "utf8")), 0);
    await Promise.all(texts.map((text) => writeFileAtomically(path, text))).finally(() => clearInterval(reader));
    expect(seen.size).toBeGreaterThan(0);
    for (const text of seen) expect(texts).toContain(text);
    expect(readdirSync(folder)).toEqual(["health.json"]);
  });

  it("gives the file its mode from the start", async () => {
    const path = join(folder, "key");
    await writeFileAtomically(path, "secret", { mode: 0o600 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("leaves the old file, and nothing beside it, when it cannot write", async () => {
    mkdirSync(join(folder, "taken"));
    writeFileSync(join(folder, "taken", "file"), "");
    await expect(writeFileAtomically(join(folder, "taken"), "text")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(folder)).toEqual(["taken"]);
    await expect(writeFileAtomically(join(folder, "missing", "file"), "text")).rejects.toThrow(/ENOENT/);
  });
});
