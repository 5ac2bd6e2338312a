import { blank } from "./blank.ts";
import { importsOf, resolveImport, thirdPartyPackage } from "./imports.ts";
import { type Rule, type SourceFile, folderOf, isSource, memberOf } from "./source-file.ts";

const daemons = ["packages/tunnel", "packages/proxy", "packages/discovery"];

/** Who may import whom; a member that is not named may import everything. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "packages/common": [],
  ...Object.fromEntries(daemons.map((daemon) => [daemon, ["packages/common"]])),
  lab: ["packages/common"],
};

/** Daemons import common and never each other; common imports none of them. */
export const daemonsStandAlone: Rule = (files) =>
  files.flatMap((file) => {
    const member = memberOf(file.path);
    const allowed = mayImport[member ?? ""];
    if (!allowed) return [];
    return targets(file)
      .map((target) => memberOf(target))
      .filter((target) => target !== undefined && target !== member && !allowed.includes(target))
      .map((target) => ({
        path: file.path,
        message:
          `imports from ${target}: ${member} may import ${allowed.join(", ") || "no other member"}, ` +
          "because each daemon is deployed alone; what two need belongs into common",
      }));
  });

/** Nothing imports a main.ts. */
export const nothingImportsMain: Rule = (files) =>
  files.flatMap((file) =>
    targets(file)
      .filter((target) => target.endsWith("/main.ts"))
      .map((target) => ({
        path: file.path,
        message: `imports ${target}: a main.ts starts a process when it is imported; move what is wanted into a file of its own`,
      })),
  );

/** A third-party package has one importing module in each package. */
export const oneDoorPerLibrary: Rule = (files) => {
  const doors = new Map<string, string[]>();
  for (const { path, text } of files.filter((file) => isSource(file.path))) {
    const libraries = new Set(importsOf(text).map(({ specifier }) => thirdPartyPackage(specifier)));
    for (const library of libraries) if (library) append(doors, `${memberOf(path)} ${library}`, path);
  }
  return [...doors]
    .filter(([, paths]) => paths.length > 1)
    .map(([key, paths]) => {
      const [member = "", library] = key.split(" ");
      const importers = paths.map((path) => path.slice(member.length + 1)).join(", ");
      return {
        path: member,
        message:
          `imports ${library} in ${paths.length} files (${importers}): ` +
          "one module of a package wraps a library, so that it can be replaced in one place",
      };
    });
};

/** What a package's sources import stands in its package.json: in the workspace a neighbour's is found, installed it is not. */
export const dependenciesDeclared: Rule = (files) => {
  const declared = new Map(
    files.flatMap(({ path, text }) => (path.endsWith("/package.json") ? [[folderOf(path), dependenciesIn(text)]] : [])),
  );
  return files
    .filter((file) => isSource(file.path) && file.path.startsWith("packages/") && !supportsTests(file))
    .flatMap(({ path, text }) => {
      const own = declared.get(memberOf(path) ?? "") ?? [];
      const needed = new Set(importsOf(text).map(({ specifier }) => ownPackage(specifier) ?? thirdPartyPackage(specifier)));
      return [...needed]
        .filter((name) => name !== undefined && !own.includes(name))
        .map((name) => ({
          path,
          message:
            `imports ${name}, which ${memberOf(path)}/package.json does not name as a dependency: ` +
            "installed alone, it is not there",
        }));
    });
};

/**
 * In the packages, a file that takes values from more than four folders is a drawer; the lab brings things together by trade.
 *
 * Types do not count: a file that is handed a port, or data, has to name their shapes.
 */
export const noDrawers: Rule = (files) =>
  files
    .filter(({ path }) => isSource(path) && path.startsWith("packages/") && !/\/(?:main|pass)\.ts$/.test(path))
    .map((file) => ({ path: file.path, folders: otherFolders(file) }))
    .filter(({ folders }) => folders.length > 4)
    .map(({ path, folders }) => ({
      path,
      message:
        `takes values from ${folders.length} folders (${folders.join(", ")}): ` +
        "more than four make a drawer of unrelated things; only main.ts and pass.ts bring everything together",
    }));

/** Imports between files name the file, and no file is a barrel. */
export const importsNameTheFile: Rule = (files) =>
  files
    .filter(({ path }) => path.endsWith(".ts"))
    .flatMap(({ path, text }) => {
      const unclear = importsOf(text).filter(
        ({ specifier }) => specifier.startsWith(".") && !/\.(?:ts|mjs|json)$/.test(specifier),
      );
      const messages = unclear.map(
        ({ specifier }) => `imports ${specifier}: write the file's name with its ending; Node runs the sources as they are`,
      );
      if (path.endsWith("/index.ts") || (isSource(path) && onlyReexports(text)))
        messages.push("is a barrel: name the file after what it does, and let imports name that file");
      return messages.map((message) => ({ path, message }));
    });

/** A package may import itself by its name, so that counts as declared. */
function dependenciesIn(packageJson: string): string[] {
  const { name, dependencies = {} } = JSON.parse(packageJson) as { name: string; dependencies?: Record<string, string> };
  return [name, ...Object.keys(dependencies)];
}

/** Not published, as the build leaves out what imports these. */
const supportsTests = ({ text }: SourceFile): boolean =>
  importsOf(text).some(({ specifier }) => specifier === "vitest" || specifier === "fast-check");

const ownPackage = (specifier: string): string | undefined => /^@sdn-tunnel\/[^/]+/.exec(specifier)?.[0];

/** Whether a file does nothing but hand on what other files of ours export. */
function onlyReexports(text: string): boolean {
  const rest = blank(text).replace(/\bexport\s+(?:type\s+)?(?:\*|\{[^}]*\})[^;"']*from\s*["'][^"']*["'];?/g, "");
  return rest.trim() === "" && importsOf(text).some(({ specifier }) => /^(?:\.|@sdn-tunnel\/)/.test(specifier));
}

/** Files of the workspace that a file imports. */
const targets = (file: SourceFile): string[] =>
  importsOf(file.text).flatMap(({ specifier }) => resolveImport(file.path, specifier) ?? []);

/** Folders that a file takes values from, besides its own and the tops of packages (errors.ts, metrics.ts). */
function otherFolders({ path, text }: SourceFile): string[] {
  const values = importsOf(text).filter(({ typeOnly }) => !typeOnly);
  const folders = new Set(values.flatMap(({ specifier }) => resolveImport(path, specifier) ?? []).map(folderOf));
  return [...folders].filter((folder) => folder !== folderOf(path) && !folder.endsWith("/src")).toSorted();
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  lists.set(key, [...(lists.get(key) ?? []), value]);
}
