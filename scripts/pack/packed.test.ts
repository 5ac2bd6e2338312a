import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { examplesOf } from "./examples.ts";

const run = promisify(execFile);
const root = dirname(dirname(import.meta.dirname));
const packages = ["common", "tunnel", "proxy", "discovery"]; // in the order of the build
const programs = ["sdn-tunneld", "sdn-proxyd", "sdn-discoveryd"];

/** npm hands its own settings and the workspace's folder to scripts; a user who installs the packages has none of them. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$|^NODE_ENV$|^VITEST/.test(name)),
);

/** The empty folder into which a user installs. */
let folder = "";
const contents = new Map<string, string[]>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "packed-"));
  const tarballs: string[] = [];
  for (const name of packages) {
    const cwd = join(root, "packages", name);
    await run(process.execPath, ["../../scripts/build.ts"], { cwd, env });
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd, env });
    const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string; files: { path: string }[] }>);
    contents.set(name, packed?.files.map(({ path }) => path) ?? []);
    tarballs.push(join(folder, packed?.filename ?? ""));
  }
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  const quiet = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", ...quiet, ...tarballs], { cwd: folder, env });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a TypeScript file beside the installed packages, under Node's default conditions. */
async function runFile(name: string, text: string): Promise<string> {
  writeFileSync(join(folder, name), text);
  return (await run(process.execPath, [name], { cwd: folder, env, timeout: 30_000 })).stdout;
}

describe("the packed packages", () => {
  for (const name of packages) {
    it(`of ${name} hold what is published and nothing else`, () => {
      const files = contents.get(name) ?? [];
      expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
      expect(files.filter((path) => !/^dist\/.*\.(?:js|d\.ts)$/.test(path)).toSorted()).toEqual([
        "LICENSE",
        "README.md",
        "package.json",
      ]);
      expect(files.filter((path) => /\.(?:test|netns)\./.test(path))).toEqual([]);
    });
  }

  it("are imported by file, without the sources", async () => {
    const text = `import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
      console.log(import.meta.resolve("@sdn-tunnel/common/net/prefix"), typeof parsePrefix);`;
    expect(await runFile("import.ts", text)).toMatch(
      /^file:.*\/node_modules\/@sdn-tunnel\/common\/dist\/net\/prefix\.js function\n$/,
    );
  });

  for (const program of programs) {
    it(`start ${program}`, async () => {
      const { stdout } = await run(join(folder, "node_modules", ".bin", program), ["--version"], { cwd: folder, env });
      expect(stdout).toMatch(/\d+\.\d+\.\d+/);
    });
  }
});

describe("the examples in the READMEs", () => {
  const readmes = packages.map((name) => ({ name, examples: examplesOf(readReadme(name)) }));

  for (const { name, examples } of readmes) {
    it(`of ${name} are there`, () => expect(examples).not.toEqual([]));
    for (const { line, text } of examples) {
      it(`of ${name} run: line ${line}`, async () => {
        await expect(runFile(`${name}-${line}.ts`, text)).resolves.toBeDefined();
      });
    }
  }

  it("pass the type check against what is published", async () => {
    const files = readmes.flatMap(({ name, examples }) =>
      examples.map(({ line, text }) => ({ file: `${name}-${line}.ts`, text })),
    );
    for (const { file, text } of files) writeFileSync(join(folder, file), text);
    const options = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--lib",
      "es2024,esnext",
    ];
    const types = ["--types", "node", "--typeRoots", join(root, "node_modules", "@types")];
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const check = run(process.execPath, [compiler, ...options, ...types, ...files.map(({ file }) => file)], { cwd: folder, env });
    expect(
      await check.then(
        () => "",
        (error: unknown) => (error as { stdout: string }).stdout,
      ),
    ).toBe("");
  });
});

function readReadme(name: string): string {
  try {
    return readFileSync(join(root, "packages", name, "README.md"), "utf8");
  } catch {
    return ""; // a package without a README has no examples, which a test above says
  }
}
