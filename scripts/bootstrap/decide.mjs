/**
 * What the machine has, as probed.
 *
 * @typedef {object} Machine
 * @property {string} platform as in `process.platform`
 * @property {boolean} root whether this process is root
 * @property {boolean} aptGet whether `apt-get` is there
 * @property {boolean} sudo whether `sudo` is there
 * @property {boolean} sudoWithoutPassword whether `sudo -n true` succeeds
 */

/**
 * How missing Debian packages come onto the machine.
 *
 * @typedef {{ kind: "nothing" }
 *   | { kind: "install", commands: string[][] }
 *   | { kind: "ask", message: string }} Installation
 */

/**
 * Lists the Debian packages that bring the missing programs.
 *
 * @param {Readonly<Record<string, string>>} packageOf program to package
 * @param {(program: string) => boolean} has
 * @returns {string[]} sorted, each once
 */
export function missingPackages(packageOf, has) {
  const missing = Object.entries(packageOf).filter(([program]) => !has(program));
  return [...new Set(missing.map(([, debianPackage]) => debianPackage))].toSorted();
}

/**
 * Decides whether missing packages are installed here and now, or which one command the user is asked for.
 *
 * @param {readonly string[]} packages
 * @param {Machine} machine
 * @returns {Installation}
 */
export function decideInstallation(packages, machine) {
  if (packages.length === 0) return { kind: "nothing" };
  const wanted = packages.join(" ");
  if (!machine.aptGet) {
    return ask(`apt-get is not there to install them. Install the programs of these Debian packages: ${wanted}`);
  }
  const steps = [
    ["apt-get", "update"],
    ["apt-get", "install", "-y", "--no-install-recommends", ...packages],
  ];
  if (machine.root) return { kind: "install", commands: steps };
  const bySudo = steps.map((step) => ["sudo", ...step]);
  if (machine.sudoWithoutPassword) {
    return { kind: "install", commands: bySudo.map(([sudo = "", ...step]) => [sudo, "-n", ...step]) };
  }
  if (machine.sudo) return ask(`Run:\n\n    ${oneLine(bySudo)}\n`);
  return ask(`Run, with root's password:\n\n    su -c '${oneLine(steps)}'\n`);

  /** @param {string} what @returns {Installation} */
  function ask(what) {
    return { kind: "ask", message: `Cannot start: system tools are missing (${wanted}). ${what}` };
  }
}

/** @param {readonly string[][]} steps */
const oneLine = (steps) => steps.map((step) => step.join(" ")).join(" && ");

/**
 * Decides where the userspace WireGuard comes from.
 *
 * @param {object} facts
 * @param {{ source: string, version: string } | undefined} facts.cached what `.cache/bin` holds, and works
 * @param {string} facts.pinned the wanted version of the module
 * @param {readonly [number, number] | undefined} facts.go version of the Go toolchain; undefined without one
 * @returns {"cached" | "build" | "package"}
 */
export function decideWireguardGo({ cached, pinned, go }) {
  if (cached?.source === "module" && cached.version === pinned) return "cached";
  if (go && (go[0] > 1 || go[1] >= 21)) return "build";
  return cached?.source === "package" ? "cached" : "package";
}

/**
 * Reads the output of `go version`.
 *
 * @param {string} output as `go version go1.26.8 linux/amd64`
 * @returns {[number, number] | undefined} major and minor
 */
export function parseGoVersion(output) {
  const match = /\bgo(\d+)\.(\d+)/.exec(output);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}
