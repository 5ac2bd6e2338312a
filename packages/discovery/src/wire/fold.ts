/** Maps each byte to itself, and A-Z to a-z: names are compared without regard to ASCII case (RFC 4343). */
export const FOLD: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte));

/** FNV-1a, 32 bits: offset basis and prime (draft-eastlake-fnv). */
const FNV_BASIS = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** One step of FNV-1a. */
export function fnvStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, FNV_PRIME);
}

/**
 * Hash of a folded wire name. Names are hashed from their last byte to their first, so that one run over a name
 * yields the hash of each of its suffixes on the way.
 */
export function hashName(name: Uint8Array): number {
  let hash = FNV_BASIS;
  for (let i = name.length - 1; i >= 0; i--) hash = fnvStep(hash, name[i] as number);
  return hash;
}
