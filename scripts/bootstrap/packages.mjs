import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "./problem.mjs";
import { say } from "./say.mjs";

/**
 * @typedef {{ version?: string, link?: boolean, resolved?: string, optional?: boolean }} LockEntry
 * @typedef {Readonly<Record<string, LockEntry>>} LockEntries
 */

/**
 * Tells whether `node_modules` holds what package-lock.json asks for.
 *
 * npm writes node_modules/.package-lock.json as the last act of an installation, so an interrupted one does not match.
 *
 * @param {LockEntries} wanted `packages` of package-lock.json
 * @param {LockEntries} installed `packages` of node_modules/.package-lock.json
 * @returns {boolean} optional packages may be absent: they are for other systems
 */
export function lockMatches(wanted, installed) {
  const isRight = /** @param {[string, LockEntry]} entry */ ([path, entry]) => {
    const found = installed[path];
    if (!found) return path === "" || entry.optional === true;
    return found.version === entry.version && (found.link !== true || found.resolved === entry.resolved);
  };
  return Object.entries(wanted).every(isRight) && Object.keys(installed).every((path) => Object.hasOwn(wanted, path));
}

/**
 * Installs the npm packages where `node_modules` does not match package-lock.json, and the pinned Node with them.
 *
 * @param {string} root the checkout
 * @returns {string} path of the pinned Node
 */
export function ensurePackages(root) {
  const modules = join(root, "node_modules");
  const node = join(modules, "node", "bin", "node");
  if (!packagesMatch(root)) installPackages(root);
  if (!isExecutable(node)) installNode(root, node);
  return node;
}

/** @param {string} root */
function packagesMatch(root) {
  const installed = readLock(join(root, "node_modules", ".package-lock.json"));
  const wanted = readLock(join(root, "package-lock.json"));
  if (!wanted) throw new Problem(`Cannot read ${join(root, "package-lock.json")}: it belongs to the checkout; restore it`);
  return installed !== undefined && lockMatches(wanted, installed);
}

/** @param {string} path @returns {LockEntries | undefined} */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined; // absent or damaged: the installation is not there
  }
}

/** @param {string} root */
function installPackages(root) {
  say("installing the npm packages (npm ci)");
  // Named kinds win over NODE_ENV=production and `omit`; the level wins over `npm run --silent`, which would hide the errors.
  const kinds = ["--include=dev", "--include=optional"];
  const { status, error } = spawnSync("npm", ["ci", ...kinds, "--loglevel=error", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (error) throw new Problem(`Cannot run npm: ${error.message}. Install npm (Debian package npm), or put it into PATH`);
  if (status !== 0) {
    throw new Problem(
      `Cannot install the npm packages: npm ended with ${status ?? "a signal"}, its reason stands above. ` +
        `A registry must be reachable (npm config get registry), and ${root} writable by you; then run the same command again`,
    );
  }
}

/**
 * Runs the install script of the `node` package by hand: npm 12 blocks install scripts, `ignore-scripts` does so in any npm.
 *
 * @param {string} root
 * @param {string} node
 */
function installNode(root, node) {
  say("installing the pinned Node (its install script did not run)");
  const directory = join(root, "node_modules", "node");
  const script = "installArchSpecificPackage.js";
  spawnSync(process.execPath, [script], { cwd: directory, stdio: ["ignore", 2, 2] });
  if (isExecutable(node)) return;
  throw new Problem(
    `Cannot find the pinned Node at ${node}: its install script failed, or npm blocks it. ` +
      `Run: npm rebuild node --ignore-scripts=false (on npm 12 or newer after: npm approve-scripts node)`,
  );
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent
  }
}
