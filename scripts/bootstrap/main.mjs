import { accessSync, constants } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseCommandLine } from "./commands.mjs";
import { ensurePackages } from "./packages.mjs";
import { Problem } from "./problem.mjs";
import { runToEnd } from "./run.mjs";
import { say } from "./say.mjs";
import { ensureTools } from "./system.mjs";
import { findProgram, searchDirectories } from "./tools.mjs";
import { adoptPackage, buildWireguardGo } from "./wireguard-go.mjs";

/**
 * Makes the checkout ready for a command and runs it.
 *
 * @param {readonly string[]} argv `COMMAND [--] ARGUMENTS`
 */
export async function main(argv) {
  try {
    await start(argv, dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

/** @param {readonly string[]} argv @param {string} root the checkout */
async function start(argv, root) {
  const parsed = parseCommandLine(argv);
  if ("problem" in parsed) throw new Problem(parsed.problem);
  const { command, args } = parsed;
  if (command.tools && process.platform !== "linux") {
    throw new Problem(`Cannot start: this is ${process.platform}, and clusters of network namespaces need Linux`);
  }
  if (command.writes) requireWritable(root);
  const node = ensurePackages(root);
  const directories = searchDirectories(process.env["PATH"]);
  if (command.tools) ensureSystem(root, directories);
  const path = [dirname(node), join(root, "node_modules", ".bin"), ...directories];
  const env = { ...process.env, PATH: [...new Set(path)].join(":") };
  await runToEnd(node, [...command.argv, ...args], { cwd: root, env });
}

/** @param {string} root @param {readonly string[]} directories */
function ensureSystem(root, directories) {
  const wireguard = buildWireguardGo(root, directories);
  const absent = wireguard === "package needed" && !findProgram("wireguard-go", directories);
  ensureTools(directories, absent ? ["wireguard-go"] : []);
  if (wireguard === "package needed") adoptPackage(root, directories);
}

/** @param {string} root */
function requireWritable(root) {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    throw new Problem(
      `Cannot start: ${root} is not writable by you, and this command writes reports there. Use a checkout of your own`,
    );
  }
}
