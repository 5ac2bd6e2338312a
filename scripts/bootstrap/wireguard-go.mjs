import { spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { decideWireguardGo, parseGoVersion } from "./decide.mjs";
import { Problem } from "./problem.mjs";
import { say } from "./say.mjs";
import { findProgram } from "./tools.mjs";

/** The userspace WireGuard that is built where Go is there: Debian 12's own is of 2022 and several times slower. */
const module = "golang.zx2c4.com/wireguard";
const pinned = "v0.0.0-20260522210424-ecfc5a8d5446";

/** @typedef {{ source: "module" | "package", version: string, path: string }} WireguardGo */

/**
 * Makes `.cache/bin/wireguard-go` from the pinned module where the machine has Go.
 *
 * @param {string} root the checkout
 * @param {readonly string[]} directories where programs are looked for
 * @returns {"ready" | "package needed"} the latter: Debian's package must be there, for `adoptPackage()`
 */
export function buildWireguardGo(root, directories) {
  const cached = readCached(root);
  if (cached?.source === "module" && cached.version === pinned) return "ready";
  const go = findProgram("go", [...directories, "/usr/local/go/bin"]);
  const version = go ? parseGoVersion(spawnSync(go, ["version"], { encoding: "utf8" }).stdout ?? "") : undefined;
  const decision = decideWireguardGo({ cached, pinned, go: version });
  if (decision === "cached") return "ready";
  if (decision === "build" && go && build(root, go)) return "ready";
  return "package needed";
}

/**
 * Takes Debian's wireguard-go.
 *
 * @param {string} root
 * @param {readonly string[]} directories
 */
export function adoptPackage(root, directories) {
  const program = findProgram("wireguard-go", directories);
  if (!program) throw new Problem("Cannot find wireguard-go, though its package is installed");
  const output = spawnSync(program, ["--version"], { encoding: "utf8" }).stdout ?? "";
  const staged = stage(root);
  symlinkSync(program, join(staged, "wireguard-go"));
  publish(root, staged, { source: "package", version: /\bv?\d+\.\d\S*/.exec(output)?.[0] ?? "unknown" });
}

/** @param {string} root @returns {WireguardGo | undefined} what an earlier run left and what can still be started */
function readCached(root) {
  try {
    accessSync(binary(root), constants.X_OK);
    return JSON.parse(readFileSync(`${binary(root)}.json`, "utf8"));
  } catch {
    return undefined; // absent, damaged, or a link to a package that was removed: made anew
  }
}

/** @param {string} root @param {string} go @returns {boolean} false: the reason has been shown, and the package is the way out */
function build(root, go) {
  say(`building wireguard-go ${pinned} with ${go}`);
  const staged = stage(root);
  const env = { ...process.env, CGO_ENABLED: "0", GOBIN: staged };
  const args = ["install", "-trimpath", "-ldflags=-s -w", `${module}@${pinned}`];
  const { status } = spawnSync(go, args, { cwd: staged, env, stdio: ["ignore", 2, 2] });
  if (status !== 0) {
    rmSync(staged, { recursive: true });
    say("wireguard-go could not be built, the reason stands above: Debian's package is used instead");
    return false;
  }
  renameSync(join(staged, "wireguard"), join(staged, "wireguard-go"));
  publish(root, staged, { source: "module", version: pinned });
  return true;
}

/** @param {string} root */
const binary = (root) => join(root, ".cache", "bin", "wireguard-go");

/** @param {string} root @returns {string} a new folder beside the final one, so that a rename is atomic */
function stage(root) {
  const cache = dirname(dirname(binary(root)));
  try {
    mkdirSync(join(cache, "bin"), { recursive: true });
    return mkdtempSync(join(cache, "stage-"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Problem(`Cannot write into ${cache}: ${reason}. Run this once as the checkout's owner`);
  }
}

/**
 * Moves the staged program to its place, and says beside it what it is.
 *
 * @param {string} root
 * @param {string} staged
 * @param {Omit<WireguardGo, "path">} about
 */
function publish(root, staged, about) {
  const path = binary(root);
  writeFileSync(join(staged, "json"), `${JSON.stringify({ ...about, path }, null, 2)}\n`);
  rmSync(`${path}.json`, { force: true }); // a description never stands beside a program that it does not describe
  renameSync(join(staged, "wireguard-go"), path);
  renameSync(join(staged, "json"), `${path}.json`);
  rmSync(staged, { recursive: true });
}
