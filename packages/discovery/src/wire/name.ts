const DOT = 0x2e;

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
  return text.includes("\\") ? encodeEscaped(text) : encodePlain(text);
}

/** The usual case, which building a table of names does hundreds of thousands of times. */
function encodePlain(text: string): Uint8Array | undefined {
  const length = text.endsWith(".") ? text.length - 1 : text.length;
  if (length === 0) return new Uint8Array(1);
  if (length + 2 > MAX_NAME) return undefined;
  const wire = new Uint8Array(length + 2);
  let start = 0; // where the length byte of the current label stands
  for (let i = 0; i <= length; i++) {
    const code = i === length ? DOT : text.charCodeAt(i);
    if (code > 127) return undefined;
    wire[i + 1] = code;
    if (code !== DOT) continue;
    const size = i - start;
    if (size === 0 || size > 63) return undefined;
    wire[start] = size;
    start = i + 1;
  }
  wire[length + 1] = 0;
  return wire;
}

function encodeEscaped(text: string): Uint8Array | undefined {
  const labels: number[][] = [[]];
  for (let i = 0; i < text.length; i++) {
    const escape = text[i] === "\\" ? readEscape(text, i + 1) : undefined;
    const byte = text[i] === "\\" ? escape?.byte : text.charCodeAt(i);
    if (byte === undefined || byte > (escape ? 255 : 127)) return undefined;
    if (byte === DOT && !escape) labels.push([]);
    else labels.at(-1)?.push(byte);
    i += escape?.length ?? 0;
  }
  if (labels.at(-1)?.length === 0) labels.pop(); // a trailing dot
  if (labels.some(({ length }) => length === 0 || length > 63)) return undefined;
  const bytes = [...labels.flatMap((label) => [label.length, ...label]), 0];
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
