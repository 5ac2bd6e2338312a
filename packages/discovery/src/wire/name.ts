/** Longest name on the wire, root byte included (RFC 1035 §2.3.4). */
export const MAX_NAME = 255;

/**
 * Encodes a name from its presentation form (RFC 1035 §5.1): labels joined by dots, `\.` and `\DDD` for bytes that
 * would be misread; a trailing dot is allowed, `.` and the empty text are the root.
 *
 * @returns the wire form with its root byte, uncompressed; `undefined` when a label is empty or longer than 63 bytes,
 * the name longer than 255, an escape is broken, or a character is outside ASCII
 */
export function encodeName(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let start = 0; // where the length byte of the current label stands
  bytes.push(0);
  const source = text === "." || text === "" ? "" : text.endsWith(".") && !text.endsWith("\\.") ? text.slice(0, -1) : text;
  for (let i = 0; i < source.length; i++) {
    if (source[i] === ".") {
      if (!closeLabel(bytes, start)) return undefined;
      start = bytes.push(0) - 1;
      continue;
    }
    const escaped = source[i] === "\\" ? readEscape(source, i + 1) : undefined;
    const byte = source[i] === "\\" ? escaped?.byte : source.charCodeAt(i);
    if (byte === undefined || byte > 255 || (!escaped && byte > 127)) return undefined;
    i += escaped?.length ?? 0;
    bytes.push(byte);
  }
  if (source !== "") {
    if (!closeLabel(bytes, start)) return undefined;
    bytes.push(0);
  }
  return bytes.length <= MAX_NAME ? Uint8Array.from(bytes) : undefined;
}

/** The presentation form of an uncompressed wire name, without a trailing dot; the root is `.`. Inverse of `encodeName()`. */
export function decodeName(wire: Uint8Array, offset = 0): string {
  const labels: string[] = [];
  let p = offset;
  for (let length = wire[p] ?? 0; length > 0; length = wire[p] ?? 0) {
    let label = "";
    for (const byte of wire.subarray(p + 1, p + 1 + length)) label += showByte(byte);
    labels.push(label);
    p += length + 1;
  }
  return labels.length === 0 ? "." : labels.join(".");
}

function closeLabel(bytes: number[], start: number): boolean {
  const length = bytes.length - start - 1;
  bytes[start] = length;
  return length > 0 && length <= 63;
}

function readEscape(text: string, at: number): { byte: number; length: number } | undefined {
  const digits = /^\d{3}/.exec(text.slice(at, at + 3))?.[0];
  if (digits !== undefined) return { byte: Number(digits), length: 3 };
  const code = text.charCodeAt(at); // NaN at the end of the text
  return code >= 0x21 && code <= 0x7e && !/\d/.test(text[at] ?? "") ? { byte: code, length: 1 } : undefined;
}

function showByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[.\\"();@$]/.test(character)) return `\\${character}`;
  return byte > 0x20 && byte < 0x7f ? character : `\\${String(byte).padStart(3, "0")}`;
}
