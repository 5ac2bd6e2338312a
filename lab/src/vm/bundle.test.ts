import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPOSITORY } from "../processes/node-program.ts";
import { bundlePrograms } from "./bundle.ts";

let folder: string;
beforeAll(() => {
  mkdirSync(join(REPOSITORY, ".cache"), { recursive: true });
  folder = mkdtempSync(join(REPOSITORY, ".cache", "bundle-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const node = (file: string): string => execFileSync(process.execPath, [file, "--version"], { encoding: "utf8" }).trim();

describe("bundlePrograms()", () => {
  it("makes programs that run, and keep what they share once", async () => {
    const daemons = ["tunnel", "proxy", "discovery"];
    const out = join(folder, "daemons");
    await bundlePrograms(Object.fromEntries(daemons.map((name) => [name, join(REPOSITORY, `packages/${name}/src/main.ts`)])), out);
    for (const name of daemons) {
      const { version } = JSON.parse(readFileSync(join(REPOSITORY, `packages/${name}/package.json`), "utf8")) as { version: string };
      expect(node(join(out, `${name}.mjs`))).toBe(version);
    }
    const zod = readdirSync(out).filter((file) => readFileSync(join(out, file), "utf8").includes("invalid_union"));
    expect(zod, "files with zod in them").toHaveLength(1);
  });

  it("lets a program find the files beside its source", async () => {
    const source = join(folder, "source", "where.ts");
    mkdirSync(join(folder, "source"));
    writeFileSync(source, "console.log([import.meta.url, import.meta.filename, import.meta.dirname].join(' ') satisfies string);\n");
    await bundlePrograms({ where: source }, join(folder, "out"));
    expect(node(join(folder, "out", "where.mjs"))).toBe(`file://${source} ${source} ${join(folder, "source")}`);
  });

  it("fails rather than leaving out what it cannot find", async () => {
    const source = join(folder, "broken.ts");
    writeFileSync(source, "import { nothing } from './absent.ts';\nconsole.log(nothing);\n");
    await expect(bundlePrograms({ broken: source }, join(folder, "broken"))).rejects.toThrow(/absent\.ts/);
  });
});
