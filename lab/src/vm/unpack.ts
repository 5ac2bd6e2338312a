import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { findPayload } from "./bzimage.ts";
import type { Payload } from "./bzimage.ts";

/**
 * Unpacks a kernel image once, so that an emulated processor need not do it at each boot (2.5 of 6.4 s).
 *
 * @param image path of a bzImage
 * @param cache folder for the unpacked kernel, named after the image's name, size and time
 * @returns path of what qemu boots: the ELF kernel by its PVH entry, or `image` where the kernel has none or the
 *   compression is an unknown one
 */
export function unpackKernel(image: string, cache: string): string {
  const config = image.replace(/vmlinuz-(?=[^/]*$)/, "config-");
  if (!existsSync(config) || !/^CONFIG_PVH=y$/m.test(readFileSync(config, "utf8"))) return image;
  const { size, mtimeMs } = statSync(image);
  const path = join(cache, `${basename(image).replace("vmlinuz", "vmlinux")}-${size}-${Math.round(mtimeMs)}`);
  if (existsSync(path)) return path;
  const payload = findPayload(readFileSync(image));
  if (!payload) return image;
  writeOnce(path, decompress(payload), cache);
  return path;
}

/** Decompresses what distributions compress kernels and modules by. */
export function decompress({ compression, data }: Payload): Uint8Array {
  if (compression === "zstd") return zstdDecompressSync(data);
  if (compression === "gzip") return gunzipSync(data);
  return execFileSync("xz", ["--decompress", "--stdout"], { input: data, maxBuffer: 512 << 20 }); // Node has no xz
}

/** Writes a file whose name tells its contents; whoever finds it, finds it whole. */
export function writeOnce(path: string, data: Uint8Array, folder: string): void {
  if (existsSync(path)) return;
  mkdirSync(folder, { recursive: true });
  const staged = `${path}.${process.pid}`;
  writeFileSync(staged, data);
  renameSync(staged, path);
}
