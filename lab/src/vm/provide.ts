import { createHash } from "node:crypto";
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "@sdn-tunnel/common/errors";
import { LabError } from "../errors.ts";
import { run } from "../processes/run.ts";
import { LEFT_OUT, PACKAGE_LINKS, parseDistribution, parseKernelPackages, parseUris, VM_PACKAGES } from "./packages.ts";

/** Folders of `/` that are links into /usr on a merged system; an unpacked package must not turn one into a folder. */
const MERGED = ["bin", "sbin", "lib", "lib32", "lib64"];

/**
 * Fetches the VM's packages and unpacks them into a folder, once for each distribution, table of packages, and set of
 * them that the host has: what is installed there is not fetched.
 *
 * Nothing is installed: no maintainer script runs, no service starts, no boot loader or initramfs of the host is
 * touched, and no root is needed. Package lists are fetched into the folder too, so stale ones of the host do no harm.
 *
 * @param cache folder of all such folders: `.cache/vm`
 * @param say is told what takes time
 * @returns the folder, laid out like `/`; undefined where there is no apt-get, so that only the host's own programs
 *   and kernel can be taken
 * @throws {LabError} VM_PACKAGES_UNAVAILABLE
 */
export async function providePackages(cache: string, say: (text: string) => void): Promise<string | undefined> {
  const { id, version, kernel } = parseDistribution(existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "");
  if (!kernel || !existsSync("/usr/bin/apt-get")) return undefined;
  const wanted = [...VM_PACKAGES.host, ...VM_PACKAGES.guest, kernel];
  const table = JSON.stringify([wanted, await installedOf(VM_PACKAGES.guest), PACKAGE_LINKS, LEFT_OUT]);
  const folder = join(cache, `${id}-${version}-${createHash("sha256").update(table).digest("hex").slice(0, 8)}`);
  if (existsSync(folder)) return folder;
  say(`fetching the VM's packages: ${wanted.join(" ")}`);
  mkdirSync(cache, { recursive: true });
  removeAbandoned(cache);
  const stage = mkdtempSync(join(cache, `stage-${process.pid}-`));
  try {
    const names = await download(stage, kernel);
    say(`unpacking ${names.length} packages`);
    await unpack(stage);
    publish(stage, folder, names);
    return folder;
  } catch (error) {
    const remedy = "A Debian mirror must be reachable (apt-get update shows the reason), and 600 MB free; then run the same command again";
    throw new LabError({ code: "VM_PACKAGES_UNAVAILABLE", packages: wanted, reason: messageOf(error), remedy }, { cause: error });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Those of the packages which the host has installed: removed ones whose configuration is left are not. */
async function installedOf(packages: readonly string[]): Promise<string[]> {
  const known = await run(["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\\n"], { timeoutMs: 60_000 });
  const installed = new Set(known.split("\n"));
  return packages.filter((name) => installed.has(`installed ${name}`));
}

/** Downloads into `stage/debs`; each group is resolved alone, against what the host has installed. */
async function download(stage: string, kernel: string): Promise<string[]> {
  for (const folder of ["lists/partial", "archives/partial", "debs"]) mkdirSync(join(stage, folder), { recursive: true });
  const own = ["-o", "Debug::NoLocking=1", "-o", `Dir::State::lists=${join(stage, "lists")}`, "-o", `Dir::Cache=${stage}`];
  const apt = (program: string, args: readonly string[]) =>
    run(["env", "-C", join(stage, "debs"), "LC_ALL=C", program, ...own, ...args], { timeoutMs: 600_000 });
  await apt("apt-get", ["update"]);
  const names = new Set<string>();
  for (const group of [VM_PACKAGES.host, VM_PACKAGES.guest])
    for (const name of parseUris(await apt("apt-get", ["install", "--yes", "--no-install-recommends", "--print-uris", ...group]))) names.add(name);
  const kinds = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map((kind) => `--no-${kind}`);
  for (const name of parseKernelPackages(await apt("apt-cache", ["depends", "--recurse", ...kinds, kernel]))) names.add(name);
  await apt("apt-get", ["download", ...names]);
  return [...names].toSorted();
}

async function unpack(stage: string): Promise<void> {
  const root = join(stage, "root");
  mkdirSync(join(root, "usr"), { recursive: true });
  for (const folder of MERGED.filter((name) => lstatSync(join("/", name), { throwIfNoEntry: false })?.isSymbolicLink())) {
    mkdirSync(join(root, "usr", folder), { recursive: true });
    symlinkSync(readlinkSync(join("/", folder)), join(root, folder));
  }
  const tar = `tar --extract --directory "$0" --keep-directory-symlink --no-same-owner ${LEFT_OUT.map((pattern) => `--exclude='${pattern}'`).join(" ")}`;
  for (const deb of readdirSync(join(stage, "debs")))
    await run(["bash", "-c", `set -o pipefail; dpkg-deb --fsys-tarfile "$1" | ${tar}`, root, join(stage, "debs", deb)], { timeoutMs: 120_000 });
  for (const [path, target] of Object.entries(PACKAGE_LINKS)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
  await prepareKernels(root);
}

/** Does what a kernel's maintainer script would: its modules' index, and an image that others than root can boot. */
async function prepareKernels(root: string): Promise<void> {
  const kmod = existsSync(join(root, "bin/kmod")) ? join(root, "bin/kmod") : "kmod";
  const depmod = ["bash", "-c", 'exec -a depmod "$0" "$@"', kmod, "--basedir", root]; // kmod(8) goes by its own name
  for (const release of readdirSync(join(root, "lib/modules"))) {
    await run([...depmod, release], { timeoutMs: 120_000, env: { LD_LIBRARY_PATH: join(root, "usr/lib/x86_64-linux-gnu") } });
    chmodSync(join(root, "boot", `vmlinuz-${release}`), 0o644);
  }
}

/** Gives the finished root its name; a folder of that name is always whole. Somebody else's that came first is kept. */
function publish(stage: string, folder: string, names: readonly string[]): void {
  writeFileSync(join(stage, "root", "packages.txt"), `${names.join("\n")}\n`);
  if (!existsSync(folder)) renameSync(join(stage, "root"), folder);
}

/** Removes what a killed process left half done. */
function removeAbandoned(cache: string): void {
  for (const entry of readdirSync(cache)) {
    const pid = /^stage-(\d+)-/.exec(entry)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(cache, entry), { recursive: true });
  }
}
