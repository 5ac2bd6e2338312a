import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { LabError } from "../errors.ts";
import type { Qemu } from "./guest.ts";
import { buildInitramfs } from "./initramfs.ts";
import { findKernel } from "./kernel.ts";
import type { Kernel } from "./kernel.ts";
import { providePackages } from "./provide.ts";
import { unpackKernel } from "./unpack.ts";

/** Everything on the host that a VM needs. */
export interface PreparedVm {
  readonly qemu: Qemu;
  readonly kernel: Kernel;
  /** Path of the unpacked kernel. */
  readonly image: string;
  /** Path of the initramfs. */
  readonly initramfs: string;
  /** Folder with the unpacked packages; undefined where only the host's own are there. */
  readonly packages: string | undefined;
}

/**
 * Brings together what a VM needs: the VM's packages, and where a distribution has no apt-get, the host's own programs and kernel.
 *
 * The first call fetches about 95 MB and takes 25 s or more; later ones find everything in `cache`.
 *
 * @param cache the repository's `.cache/vm`
 * @throws {LabError} VM_UNSUPPORTED, VM_PACKAGES_UNAVAILABLE, QEMU_MISSING, BUSYBOX_MISSING, KERNEL_MISSING,
 *   KERNEL_UNREADABLE, MODULE_MISSING
 */
export async function prepareVm(cache: string, say: (text: string) => void): Promise<PreparedVm> {
  if (process.arch !== "x64" || process.platform !== "linux")
    throw new LabError({ code: "VM_UNSUPPORTED", machine: `${process.arch} ${process.platform}` });
  const packages = await providePackages(cache, say);
  const roots = packages ? [packages, "/"] : ["/"];
  const qemu = findQemu(packages);
  const busybox = findFile(["bin/busybox"], roots);
  if (!busybox) throw new LabError({ code: "BUSYBOX_MISSING", lookedIn: roots });
  const kernel = findKernel(roots);
  return { qemu, kernel, image: unpackKernel(kernel.image, cache), initramfs: buildInitramfs(kernel, busybox, cache), packages };
}

/** The unpacked qemu with its libraries, or the installed one with its own. */
function findQemu(packages: string | undefined): Qemu {
  const unpacked = packages && findFile(["usr/bin/qemu-system-x86_64"], [packages]);
  if (unpacked) return { program: unpacked, libraries: join(packages, "usr/lib/x86_64-linux-gnu") };
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const program = findFile(["qemu-system-x86_64"], folders);
  if (!program) throw new LabError({ code: "QEMU_MISSING", lookedIn: folders });
  return { program, libraries: undefined };
}

const findFile = (names: readonly string[], folders: readonly string[]): string | undefined =>
  folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
