/** A file or a folder of an initramfs. */
export interface CpioEntry {
  /** Relative to the root, without a leading slash; its folders need entries of their own, before it. */
  readonly path: string;
  /** Type and permissions as in inode(7): 0o100755 for a program, 0o40755 for a folder, 0o20600 for a character device. */
  readonly mode: number;
  readonly data?: Uint8Array;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number];
}

/**
 * Writes an archive in the "newc" format, as the kernel unpacks it.
 *
 * Owner, times and numbers are fixed, so that the same entries make the same bytes.
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst of the kernel.
 */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const all = [...entries, { path: "TRAILER!!!", mode: 0 }];
  return Buffer.concat(all.flatMap((entry, i) => writeEntry(entry, i + 1)));
}

function writeEntry({ path, mode, data = new Uint8Array(), device = [0, 0] }: CpioEntry, inode: number): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = mode === 0 ? 0 : 1;
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, ...device, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [header, name, padding(header.length + name.length), data, padding(data.length)];
}

/** Zeros up to the next multiple of four bytes. */
const padding = (length: number): Uint8Array => new Uint8Array((4 - (length % 4)) % 4);
