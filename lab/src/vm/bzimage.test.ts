import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { findPayload } from "./bzimage.ts";
import { decompress } from "./unpack.ts";

interface Shape {
  readonly setupSectors: number;
  readonly offset: number;
  readonly payload: Uint8Array;
  readonly magic?: string;
  readonly protocol?: number;
}

/** A bzImage that has nothing but what the boot protocol says of its payload. */
function bzImage({ setupSectors, offset, payload, magic = "HdrS", protocol = 0x20f }: Shape): Buffer {
  const start = ((setupSectors || 4) + 1) * 512 + offset;
  const image = Buffer.alloc(start + payload.length + 64);
  image[0x1f1] = setupSectors;
  image.write(magic, 0x202, "latin1");
  image.writeUInt16LE(protocol, 0x206);
  image.writeUInt32LE(offset, 0x248);
  image.writeUInt32LE(payload.length, 0x24c);
  image.set(payload, start);
  return image;
}

const kernel = Buffer.from("\u007fELF a kernel");
const withSize = (data: Buffer) => Buffer.concat([data, Buffer.from([kernel.length, 0, 0, 0])]);
const gzip = withSize(gzipSync(kernel));
const shape: Shape = { setupSectors: 27, offset: 700, payload: gzip };

const cases: { name: string; image: Buffer; want: string | undefined }[] = [
  { name: "finds gzip", image: bzImage(shape), want: "gzip" },
  { name: "finds zstd", image: bzImage({ ...shape, payload: withSize(zstdCompressSync(kernel)) }), want: "zstd" },
  { name: "takes 0 sectors of set-up for 4, as old boot loaders have to", image: bzImage({ ...shape, setupSectors: 0 }), want: "gzip" },
  { name: "leaves an unknown compression", image: bzImage({ ...shape, payload: Buffer.from("LZMA?...") }), want: undefined },
  { name: "leaves another file", image: bzImage({ ...shape, magic: "MZ..", }), want: undefined },
  { name: "leaves a boot protocol without a payload", image: bzImage({ ...shape, protocol: 0x207 }), want: undefined },
  { name: "leaves a file that is too short", image: Buffer.alloc(0x24f), want: undefined },
];

describe("findPayload()", () => {
  for (const { name, image, want } of cases)
    it(name, () => {
      const payload = findPayload(image);
      expect(payload?.compression).toBe(want);
      if (payload) expect(Buffer.from(decompress(payload))).toEqual(kernel);
    });
});
