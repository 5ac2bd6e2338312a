import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "../errors.ts";
import type { ModuleIndex } from "./modules.ts";

/** A kernel that the VM can boot. */
export interface Kernel {
  /** As uname(2) will say it: "6.1.0-56-amd64". */
  readonly release: string;
  /** Path of the image. */
  readonly image: string;
  /** Path of its modules: …/lib/modules/RELEASE. */
  readonly modules: string;
}

/**
 * Finds the newest kernel with modules in the first of `roots` that has one.
 *
 * @param roots folders with `boot` and `lib/modules`: an unpacked package, or "/"
 * @param isReadable whether this user may read a file
 * @throws {LabError} KERNEL_MISSING, or KERNEL_UNREADABLE when no root has one that this user may read
 */
export function findKernel(roots: readonly string[], isReadable = canRead): Kernel {
  const kernels = roots.flatMap(kernelsOf);
  const readable = kernels.find(({ image }) => isReadable(image));
  if (readable) return readable;
  if (kernels[0]) throw new LabError({ code: "KERNEL_UNREADABLE", image: kernels[0].image });
  throw new LabError({ code: "KERNEL_MISSING", lookedIn: roots });
}

/** Reads what modules.dep(5) says of a kernel. */
export function readModuleIndex({ release, modules }: Kernel): ModuleIndex {
  const read = (file: string) => readFileSync(join(modules, file), "utf8");
  return { release, dep: read("modules.dep"), builtin: read("modules.builtin") };
}

/** Orders releases, newest first: "6.1.0-56-amd64" before "6.1.0-9-amd64". */
export function newestFirst(releases: readonly string[]): string[] {
  return releases.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
}

function kernelsOf(root: string): Kernel[] {
  const boot = join(root, "boot");
  const images = existsSync(boot) ? readdirSync(boot).filter((file) => file.startsWith("vmlinuz-")) : [];
  return newestFirst(images.map((file) => file.slice("vmlinuz-".length)))
    .map((release) => ({ release, image: join(boot, `vmlinuz-${release}`), modules: join(root, "lib/modules", release) }))
    .filter(({ modules }) => existsSync(join(modules, "modules.dep")));
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false; // what the caller reports
  }
}
