import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Payload } from "./bzimage.ts";
import { writeCpio } from "./cpio.ts";
import type { CpioEntry } from "./cpio.ts";
import { readModuleIndex } from "./kernel.ts";
import type { Kernel } from "./kernel.ts";
import { BOOT_MODULES, loadOrder } from "./modules.ts";
import { decompress, writeOnce } from "./unpack.ts";

/**
 * Builds the initramfs for a kernel: busybox, the modules that reach the host's file system, and the guest's scripts.
 *
 * @param busybox path of a static busybox
 * @param cache folder to put it in, named after its contents, so that the next run finds it
 * @returns its path
 * @throws {LabError} MODULE_MISSING
 */
export function buildInitramfs(kernel: Kernel, busybox: string, cache: string): string {
  const modules = loadOrder(readModuleIndex(kernel), BOOT_MODULES).map((file, i) => ({
    path: `modules/${String(i).padStart(2, "0")}-${basename(file).replace(/\.(xz|zst|gz)$/, "")}`,
    mode: 0o100644,
    data: readModule(join(kernel.modules, file)),
  }));
  const archive = writeCpio([
    ...["bin", "dev", "modules"].map((path) => ({ path, mode: 0o40755 })),
    // Without it the kernel starts /init with no standard output.
    { path: "dev/console", mode: 0o20600, device: [5, 1] },
    program("bin/busybox", busybox),
    program("init", fileURLToPath(new URL("guest/early.sh", import.meta.url))),
    program("init.sh", fileURLToPath(new URL("guest/init.sh", import.meta.url))),
    ...modules,
  ]);
  const hash = createHash("sha256").update(archive).digest("hex").slice(0, 16);
  const path = join(cache, `initramfs-${kernel.release}-${hash}.cpio`);
  writeOnce(path, archive, cache);
  return path;
}

const program = (path: string, source: string): CpioEntry => ({ path, mode: 0o100755, data: readFileSync(source) });

/** Reads a module: distributions ship them plain, or compressed. */
function readModule(path: string): Uint8Array {
  const compression = COMPRESSIONS[extname(path)];
  const data = readFileSync(path);
  return compression ? decompress({ compression, data }) : data;
}

const COMPRESSIONS: Readonly<Record<string, Payload["compression"]>> = { ".xz": "xz", ".zst": "zstd", ".gz": "gzip" };
