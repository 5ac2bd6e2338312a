/**
 * What an npm script starts, and what must be there first.
 *
 * @typedef {object} Command
 * @property {string[]} argv arguments of Node, from the checkout's root; the user's own follow
 * @property {boolean} tools whether the system tools and the userspace WireGuard are needed
 * @property {boolean} writes whether files are written into the checkout, beside `.cache` and `node_modules`
 */

/** @type {Readonly<Record<string, Command>>} */
export const commands = {
  demo: { argv: ["--conditions=source", "lab/src/demo/main.ts"], tools: true, writes: false },
  lab: { argv: ["--conditions=source", "lab/src/main.ts"], tools: true, writes: false },
  e2e: { argv: ["--conditions=source", "e2e/src/main.ts"], tools: true, writes: false },
  test: { argv: ["node_modules/nx/dist/bin/nx.js", "run-many", "--target=test"], tools: true, writes: true },
  build: { argv: ["node_modules/nx/dist/bin/nx.js", "run-many", "--target=build"], tools: false, writes: true },
  lint: { argv: ["node_modules/oxlint/bin/oxlint", "--type-aware", "--deny-warnings"], tools: false, writes: false },
  typecheck: { argv: ["node_modules/typescript/bin/tsc", "--project", "tsconfig.json"], tools: false, writes: false },
  setup: { argv: ["--print", "'ready'"], tools: true, writes: false },
};

/**
 * Splits the command line of the bootstrap: `COMMAND [--] ARGUMENTS`.
 *
 * @param {readonly string[]} argv without Node and the script
 * @returns {{ command: Command, args: string[] } | { problem: string }}
 */
export function parseCommandLine(argv) {
  const [name = "", ...rest] = argv;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    return { problem: `Cannot run "${name}": not a command. Accepted: ${Object.keys(commands).join(", ")}.` };
  }
  return { command, args: rest[0] === "--" ? rest.slice(1) : rest };
}
