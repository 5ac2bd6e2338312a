/** The UDP payload size that the server offers, and never exceeds: no fragments on paths of 1280 (DNS Flag Day 2020). */
export const OFFERED_SIZE = 1232;

/** Extended DNS errors (RFC 8914 §4) that the server gives. */
export const EDE = { NOT_READY: 14, NOT_AUTHORITATIVE: 20, NO_REACHABLE_AUTHORITY: 22, NETWORK_ERROR: 23 } as const;

const COOKIE = 10;

/**
 * Checks the option list of an OPT record. Options are ignored, all of them, but must be well formed; a COOKIE has 8
 * bytes, or 16 to 40 once it carries a server's half (RFC 7873 §4, §5.2.2).
 */
export function optionsAreValid(message: Uint8Array, from: number, end: number): boolean {
  let at = from;
  while (at < end) {
    if (at + 4 > end) return false;
    const code = ((message[at] as number) << 8) | (message[at + 1] as number);
    const length = ((message[at + 2] as number) << 8) | (message[at + 3] as number);
    at += 4 + length;
    if (code === COOKIE && length !== 8 && (length < 16 || length > 40)) return false;
  }
  return at === end;
}
