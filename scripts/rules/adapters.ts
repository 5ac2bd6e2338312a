import { blank } from "./blank.ts";
import { importsOf, resolveImport } from "./imports.ts";
import { type Rule, type SourceFile, folderOf, isSource, memberOf } from "./source-file.ts";

const daemons = ["packages/tunnel", "packages/proxy", "packages/discovery"];

/** Modules through which the outside is changed or asked: processes, sockets, files, the kernel. */
const outside = /^(?:node:(?:child_process|dgram|net|tls|http|https|http2|dns|fs)(?:\/promises)?|execa|netlink)$/;

const isDoor = (file: SourceFile): boolean =>
  importsOf(file.text).some(({ specifier, typeOnly }) => !typeOnly && outside.test(specifier));

/** A name that says that it makes something that stays: `createLink()`, `openSocket()`. */
const factory = /^(?:create|open|connect|listen|start|make)[A-Z]/;

/**
 * In a daemon, only main.ts builds the adapters of other folders: `new Link()`, `openSocket()`.
 *
 * An adapter is what comes from a module that imports a door to the outside. Its own folder may build it; everybody else gets
 * it as an argument, by its port. Functions that do one thing and are done (`writeAtomically()`) build nothing.
 */
export const mainBuildsAdapters: Rule = (files) => {
  const doors = new Set(files.filter((file) => isSource(file.path) && isDoor(file)).map(({ path }) => path));
  return files
    .filter(({ path }) => isSource(path) && daemons.includes(memberOf(path) ?? "") && !path.endsWith("/main.ts"))
    .flatMap((file) => {
      const code = blank(file.text);
      return importsOf(file.text)
        .map(({ specifier, names }) => ({ target: resolveImport(file.path, specifier) ?? "", names }))
        .filter(({ target }) => doors.has(target) && folderOf(target) !== folderOf(file.path))
        .flatMap(({ target, names }) => names.filter((name) => builds(code, name)).map((name) => ({ target, name })))
        .map(({ target, name }) => ({
          path: file.path,
          message:
            `builds ${name} of ${target}: only main.ts builds real adapters, ` +
            "so that everything else runs in a test on fakes; take its port as an argument",
        }));
    });
};

const builds = (code: string, name: string): boolean =>
  new RegExp(`\\bnew\\s+${name}\\b`).test(code) || (factory.test(name) && new RegExp(`\\b${name}\\s*\\(`).test(code));
