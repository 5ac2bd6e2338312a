import { resolveImport } from "./imports.ts";
import { type Rule, type SourceFile, folderOf, isSource, isTest } from "./source-file.ts";

/** Every folder of a package's sources has its line in the package's README: `` `peers/` what it is for ``. */
export const foldersInReadme: Rule = (files) =>
  packagesOf(files).flatMap(({ root, sources, readme }) => {
    const folders = new Set(
      sources.map(({ path }) => folderOf(path).slice(`${root}/src/`.length)).filter((folder) => folder !== ""),
    );
    return [...folders]
      .toSorted()
      .filter((folder) => !hasLine(readme, `\`${folder}/\``))
      .map((folder) => ({
        path: `${root}/README.md`,
        message:
          `has no line for src/${folder}: a reader finds his way by one line for each folder; ` +
          `write \`${folder}/\` and what it is for`,
      }));
  });

/** Every metric has a row in the README's table, and every row a metric. */
export const metricsInReadme: Rule = (files) =>
  packagesOf(files).flatMap(({ root, sources, readme }) => {
    const inCode = new Set(sources.flatMap(metricNames));
    const rows = new Set([...readme.matchAll(/^\|\s*`((?:sdn|wireguard)_\w+?)(?:\{[^}]*\})?`/gm)].map((match) => match[1] ?? ""));
    const message = (name: string, what: string) => ({
      path: `${root}/README.md`,
      message: `${what} ${name}: who watches the daemon reads that table, not the code`,
    });
    return [
      ...[...inCode].filter((name) => !rows.has(name)).map((name) => message(name, "has no row (| `name` | … |) for the metric")),
      ...[...rows]
        .filter((name) => !inCode.has(name))
        .map((name) => message(name, "has a row for a metric that no source names:")),
    ];
  });

/** A relative link in a document leads to a file of the repository. */
export const linksLead: Rule = (files) => {
  const known = new Set(files.flatMap(({ path }) => [path, ...parents(path)]));
  return files
    .filter(({ path }) => path.endsWith(".md"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)[^)]*\)/g)]
        .map((match) => match[1] ?? "")
        .filter((link) => !known.has(resolveImport(path, `./${link}`)?.replace(/\/$/, "") ?? "") && link !== "LICENSE")
        .map((link) => ({ path, message: `links to ${link}, which is not there: a reader who follows it is lost` })),
    );
};

/** The folders above a file. */
const parents = (path: string): string[] =>
  path
    .split("/")
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join("/"));

/** Names given to a counter, gauge, histogram or summary. */
const metricNames = ({ text }: SourceFile): string[] =>
  [...text.matchAll(/\b(?:[cC]ounter|[gG]auge|[hH]istogram|[sS]ummary)(?:<[^>]*>)?\(\s*(?:\{\s*name:\s*)?["'`](\w+)["'`]/g)].map(
    (match) => match[1] ?? "",
  );

interface Package {
  readonly root: string;
  readonly sources: readonly SourceFile[];
  readonly readme: string;
}

function packagesOf(files: readonly SourceFile[]): Package[] {
  const roots = new Set(files.flatMap(({ path }) => /^packages\/[^/]+(?=\/src\/)/.exec(path)?.[0] ?? []));
  return [...roots].map((root) => ({
    root,
    sources: files.filter(({ path }) => path.startsWith(`${root}/src/`) && isSource(path) && !isTest(path)),
    readme: files.find(({ path }) => path === `${root}/README.md`)?.text ?? "",
  }));
}

/** A line that names the folder and says at least three words about it. */
const hasLine = (readme: string, name: string): boolean =>
  readme.split("\n").some(
    (line) =>
      line.includes(name) &&
      line
        .replace(name, "")
        .split(/\s+/)
        .filter((word) => /\w/.test(word)).length >= 3,
  );
