import { blank } from "./blank.ts";
import { importsOf, resolveImport } from "./imports.ts";
import { type Rule, type SourceFile, type Violation, isSource } from "./source-file.ts";

/** What pure code decides depends on its arguments alone; these bring in the time, chance, or the process. */
const impure =
  /(?<![\w$.])(?:Date\.now|new\s+Date\s*\(\s*\)|performance\b|Math\.random|crypto\b|process\b|console\b|setTimeout|setInterval|setImmediate|fetch\s*\()/;

const reason = "plans, diffs, net/, admit/ and names/ are pure, so that every case of them is a row in a table of a test";

/** Whether the design asks of a file to be pure. */
export const mustBePure = (path: string): boolean =>
  isSource(path) && path.startsWith("packages/") && /\/(?:plan|diff)\.ts$|\/src\/(?:net|admit|names)\//.test(path);

/** Pure files name no clock, chance, process or console, and import no `node:` module, themselves or through others. */
export const pureCore: Rule = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return files
    .filter(({ path }) => mustBePure(path))
    .flatMap((file) => [...ownImpurities(file), ...importedImpurities(file, byPath)]);
};

function ownImpurities({ path, text }: SourceFile): Violation[] {
  const code = blank(text).split("\n");
  return code.flatMap((line, index) => {
    const found = impure.exec(line)?.[0];
    return found ? [{ path, message: `line ${index + 1} uses ${found}: ${reason}; take it as an argument` }] : [];
  });
}

/** Follows value imports from a pure file to the first that reaches a `node:` module. */
function importedImpurities(file: SourceFile, byPath: ReadonlyMap<string, SourceFile>): Violation[] {
  const seen = new Set<string>();
  const follow = (current: SourceFile, way: readonly string[]): Violation[] => {
    if (seen.has(current.path)) return [];
    seen.add(current.path);
    return importsOf(current.text)
      .filter(({ typeOnly }) => !typeOnly)
      .flatMap(({ specifier }) => {
        if (specifier.startsWith("node:")) return [{ path: file.path, message: describeWay([...way, specifier]) }];
        const next = byPath.get(resolveImport(current.path, specifier) ?? "");
        return next ? follow(next, [...way, next.path]) : [];
      });
  };
  return follow(file, []);
}

const describeWay = (way: readonly string[]): string =>
  `imports ${way.join(" → ")}: ${reason}; import types only, or move the pure part out`;
