import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { importsOf } from "./rules/imports.ts";

/**
 * Compiles the package in the current folder: `src/*.ts` to `dist/*.js` and `.d.ts`, its programs made executable.
 *
 * What tests need stays out: tests, and whatever imports the test runner.
 */
function build(folder: string, root: string): void {
  const dist = join(folder, "dist");
  rmSync(dist, { recursive: true, force: true });
  compile(folder, root, publishedSources(join(folder, "src")));
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  for (const program of programs(folder)) makeExecutable(join(folder, program));
}

function publishedSources(src: string): string[] {
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !/\.(?:test|netns)\.ts$/.test(name))
    .map((name) => join(src, name))
    .filter(
      (path) => !importsOf(readFileSync(path, "utf8")).some(({ specifier }) => ["vitest", "fast-check"].includes(specifier)),
    );
}

/** Other packages of the workspace are taken as they are published (`dist`, no `source` condition): nx has built them before. */
function compile(folder: string, root: string, files: readonly string[]): void {
  const config = join(root, ".cache", "build", `${basename(folder)}.json`);
  const compilerOptions = {
    noEmit: false,
    rootDir: join(folder, "src"),
    outDir: join(folder, "dist"),
    declaration: true,
    customConditions: [],
    typeRoots: [join(root, "node_modules", "@types")],
  };
  mkdirSync(dirname(config), { recursive: true });
  writeFileSync(
    config,
    JSON.stringify({ extends: relative(dirname(config), join(root, "tsconfig.base.json")), compilerOptions, files }, null, 2),
  );
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status } = spawnSync(process.execPath, [compiler, "--project", config], { stdio: ["ignore", 2, 2] });
  if (status !== 0)
    throw new Error(`Cannot build ${basename(folder)}: the compiler ended with ${status ?? "a signal"}, its reasons stand above`);
}

function programs(folder: string): string[] {
  const { bin = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { bin?: Record<string, string> };
  return Object.values(bin);
}

function makeExecutable(path: string): void {
  const text = readFileSync(path, "utf8");
  if (!text.startsWith("#!")) writeFileSync(path, `#!/usr/bin/env node\n${text}`);
  chmodSync(path, 0o755);
}

build(process.cwd(), dirname(import.meta.dirname));
