/** The compressed kernel inside a bzImage. */
export interface Payload {
  readonly compression: "xz" | "zstd" | "gzip";
  readonly data: Uint8Array;
}

const MAGICS = [
  { compression: "xz", magic: "fd377a585a00" },
  { compression: "zstd", magic: "28b52ffd" },
  { compression: "gzip", magic: "1f8b08" },
] as const;

/**
 * Finds the compressed ELF kernel in a bzImage (Documentation/arch/x86/boot.rst: setup_sects, payload_offset and
 * payload_length, boot protocol 2.08 and later).
 *
 * @returns undefined for another file, or for a compression that is not in the table above
 */
export function findPayload(image: Buffer): Payload | undefined {
  if (image.length < 0x250 || image.toString("latin1", 0x202, 0x206) !== "HdrS" || image.readUInt16LE(0x206) < 0x208) return undefined;
  const setupSectors = image[0x1f1]! || 4;
  const start = (setupSectors + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c));
  const found = MAGICS.find(({ magic }) => payload.toString("hex", 0, magic.length / 2) === magic);
  // The last four bytes are not part of the stream; the build appends the unpacked size there.
  return found && { compression: found.compression, data: payload.subarray(0, -4) };
}
