import { execFile } from "node:child_process";
import { accessSync, chmodSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../errors.ts";

const run = promisify(execFile);

/** Where Debian's package has each program that a bridge needs. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "ovs-vswitchd": "usr/lib/openvswitch-switch/ovs-vswitchd",
  "ovsdb-server": "usr/sbin/ovsdb-server",
  "ovsdb-tool": "usr/bin/ovsdb-tool",
  "ovs-vsctl": "usr/bin/ovs-vsctl",
  "ovs-ofctl": "usr/bin/ovs-ofctl",
  "ovs-appctl": "usr/bin/ovs-appctl",
};
const SCHEMA = "usr/share/openvswitch/vswitch.ovsschema";

/** Programs of Open vSwitch that a test or a lab may start. */
export interface OpenVswitch {
  /** What PATH must be to find them. */
  readonly path: string;
  /** The database's schema. */
  readonly schema: string;
}

/**
 * For tests and labs: the system's Open vSwitch, else Debian's packages unpacked into `cache` once. Nothing is
 * installed and no service starts; installing the package would start one on the machine's own network.
 *
 * To be called where the machine's network is reachable, so before namespaces are entered; from then on it is there.
 *
 * @param cache a folder of the caller's: the repository's `.cache`
 * @throws {Error} with what to do, when it is neither there nor can be fetched
 */
export async function provideOpenVswitch(cache: string, env: NodeJS.ProcessEnv = process.env): Promise<OpenVswitch> {
  const path = env["PATH"] ?? "";
  const inPath = (program: string): boolean => path.split(delimiter).some((folder) => isProgram(join(folder, program)));
  if (Object.keys(PROGRAMS).every(inPath) && existsSync(`/${SCHEMA}`)) return { path, schema: `/${SCHEMA}` };
  const folder = join(cache, "openvswitch");
  if (!existsSync(folder)) await fetch(cache, folder);
  return { path: [join(folder, "bin"), path].join(delimiter), schema: join(folder, SCHEMA) };
}

async function fetch(cache: string, folder: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const stage = mkdtempSync(join(cache, "stage-openvswitch-"));
  chmodSync(stage, 0o755); // for whoever else may use the checkout
  try {
    await unpack(stage);
    for (const [program, file] of Object.entries(PROGRAMS)) wrap(stage, folder, program, file);
    if (!existsSync(folder)) renameSync(stage, folder); // somebody else's that came first is as good
  } catch (error) {
    const remedy = "install openvswitch-switch, or, on Debian and Ubuntu, see that apt-get download works (apt-get update shows the reason)";
    throw new Error(`Cannot provide Open vSwitch: ${messageOf(error)}; ${remedy}`, { cause: error });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Downloads and unpacks the package, and what it depends on and this system lacks. */
async function unpack(stage: string): Promise<void> {
  const apt = (...args: string[]) => run("apt-get", ["-o", "Debug::NoLocking=1", ...args], { cwd: stage, timeout: 120_000 });
  const { stdout } = await apt("install", "--yes", "--no-install-recommends", "--print-uris", "openvswitch-switch");
  const names = [...stdout.matchAll(/^'\S+' ([^_\s]+)_\S+\.deb /gm)].flatMap(([, name]) => name ?? []);
  await apt("download", ...names);
  for (const deb of readdirSync(stage).filter((file) => file.endsWith(".deb"))) {
    await run("dpkg-deb", ["--extract", deb, "."], { cwd: stage });
    rmSync(join(stage, deb));
  }
}

/** A program that finds the libraries beside it, and nobody else does. */
function wrap(stage: string, folder: string, program: string, file: string): void {
  const libraries = readdirSync(join(stage, "usr/lib")).filter((name) => name.endsWith("-linux-gnu")).map((name) => join(folder, "usr/lib", name));
  mkdirSync(join(stage, "bin"), { recursive: true });
  writeFileSync(join(stage, "bin", program), `#!/bin/sh\nLD_LIBRARY_PATH='${libraries.join(":")}' exec '${join(folder, file)}' "$@"\n`);
  chmodSync(join(stage, "bin", program), 0o755);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent, or not to be executed
  }
}
