import { importsOf, resolveImport } from "./imports.ts";
import { type Rule, type SourceFile, folderOf, isSource, memberOf } from "./source-file.ts";

const daemons = ["packages/tunnel", "packages/proxy", "packages/discovery"];

/** Modules through which the outside is changed or asked: processes, sockets, files, the kernel. */
const outside = /^(?:node:(?:child_process|dgram|net|tls|http|https|http2|dns|fs)(?:\/promises)?|execa|netlink)$/;

const isDoor = (file: SourceFile): boolean =>
  importsOf(file.text).some(({ specifier, typeOnly }) => !typeOnly && outside.test(specifier));

/**
 * In a daemon, only main.ts takes adapters from other folders.
 *
 * An adapter is a module that imports a door to the outside by value. Its own folder may use it; everybody else gets it as
 * an argument, by its port.
 */
export const mainBuildsAdapters: Rule = (files) => {
  const doors = new Set(files.filter((file) => isSource(file.path) && isDoor(file)).map(({ path }) => path));
  return files
    .filter(({ path }) => isSource(path) && daemons.includes(memberOf(path) ?? "") && !path.endsWith("/main.ts"))
    .flatMap((file) =>
      importsOf(file.text)
        .filter(({ typeOnly }) => !typeOnly)
        .flatMap(({ specifier }) => resolveImport(file.path, specifier) ?? [])
        .filter((target) => doors.has(target) && folderOf(target) !== folderOf(file.path))
        .map((target) => ({
          path: file.path,
          message:
            `imports the adapter ${target}: only main.ts builds real adapters, ` +
            "so that everything else runs in a test on fakes; take its port as an argument",
        })),
    );
};
