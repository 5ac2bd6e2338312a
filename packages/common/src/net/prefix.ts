import { addressFrom, familyOf, numberOf, parseAddress } from "./address.ts";
import type { Address, Family } from "./address.ts";
import { quote } from "./quote.ts";

/**
 * An IP prefix in canonical text, host bits zero: `10.132.0.0/14`, `fd00:132::/48`.
 * Made by `parsePrefix()` or `prefixOf()`.
 */
export type Prefix = string & { readonly __brand: "Prefix" };

/** A prefix as numbers: `first` and `last` are its lowest and highest address. */
export interface PrefixRange {
  readonly family: Family;
  /** Prefix length, 0 to 32 or 128. */
  readonly length: number;
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * Parses a prefix in CIDR notation (RFC 4632, RFC 4291 §2.3).
 *
 * @throws {RangeError} when `text` is not a prefix, or has bits set behind its length
 */
export function parsePrefix(text: string): Prefix {
  const slash = text.indexOf("/");
  const digits = text.slice(slash + 1);
  if (slash < 0 || !/^(0|[1-9]\d{0,2})$/.test(digits))
    throw new RangeError(`Cannot parse prefix ${quote(text)}: accepted are "10.0.0.0/8" and "fd00::/48"`);
  const address = parseAddress(text.slice(0, slash));
  const prefix = prefixOf(address, Number(digits));
  const canonical = `${address}/${digits}`;
  if (prefix !== canonical)
    throw new RangeError(`Cannot accept prefix ${quote(text)}: it has host bits set; did you mean ${prefix}?`);
  return prefix;
}

/**
 * The prefix of `length` bits that holds `address`.
 *
 * @throws {RangeError} when `length` is not in 0..32 (IPv4) or 0..128 (IPv6)
 */
export function prefixOf(address: Address, length: number): Prefix {
  const family = familyOf(address);
  const width = widthOf(family);
  if (!Number.isInteger(length) || length < 0 || length > width)
    throw new RangeError(`Cannot accept prefix length ${length} for ${address}: it must be 0 to ${width}`);
  const hostBits = BigInt(width - length);
  return `${addressFrom(family, (numberOf(address) >> hostBits) << hostBits)}/${length}` as Prefix;
}

/** The prefix as numbers, for arithmetic and comparison. */
export function rangeOf(prefix: Prefix): PrefixRange {
  const slash = prefix.indexOf("/");
  const address = prefix.slice(0, slash) as Address;
  const length = Number(prefix.slice(slash + 1));
  const family = familyOf(address);
  const first = numberOf(address);
  return { family, length, first, last: first + (1n << BigInt(widthOf(family) - length)) - 1n };
}

/** Bits of an address: 32 or 128. */
export function widthOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}
