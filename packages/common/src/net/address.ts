import { Address4, Address6, AddressError } from "ip-address";
import { quote } from "./quote.ts";

/** An IP family by its number: 4 or 6. */
export type Family = 4 | 6;

/**
 * An IP address in canonical text, so that equal addresses are equal strings: dotted decimal
 * without leading zeros, or RFC 5952. Made by `parseAddress()`.
 */
export type Address = string & { readonly __brand: "Address" };

/**
 * Parses an IPv4 or IPv6 address.
 *
 * @throws {RangeError} when `text` is not exactly one address; a prefix length and a zone (`%eth0`) are refused
 */
export function parseAddress(text: string): Address {
  if (text.includes("/") || text.includes("%")) throw refusal(text);
  try {
    const parsed = text.includes(":") ? new Address6(text) : new Address4(text);
    return parsed.correctForm() as Address;
  } catch (error) {
    if (error instanceof AddressError) throw refusal(text);
    throw error;
  }
}

/** The family of a canonical address. */
export function familyOf(address: Address): Family {
  return address.includes(":") ? 6 : 4;
}

/** The address as a number: 32 bits for IPv4, 128 bits for IPv6. */
export function numberOf(address: Address): bigint {
  if (familyOf(address) === 6) return new Address6(address).bigInt();
  const [a, b, c, d] = address.split(".").map(Number) as [number, number, number, number];
  return BigInt(a * 0x1000000 + b * 0x10000 + c * 0x100 + d);
}

/** The inverse of `numberOf()`; `value` must fit the family. */
export function addressFrom(family: Family, value: bigint): Address {
  if (family === 6) return Address6.fromBigInt(value).correctForm() as Address;
  const bits = Number(value);
  return [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join(".") as Address;
}

/** The address in network byte order: 4 or 16 bytes. */
export function bytesOf(address: Address): Uint8Array {
  if (familyOf(address) === 4) return Uint8Array.from(address.split("."), Number);
  const bytes = new Uint8Array(16);
  let rest = numberOf(address);
  for (let i = 15; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

/**
 * The inverse of `bytesOf()`: 4 or 16 bytes in network order.
 *
 * @throws {RangeError} when it is another number of bytes
 */
export function addressFromBytes(bytes: Uint8Array): Address {
  if (bytes.length !== 4 && bytes.length !== 16) throw new RangeError(`Cannot read an address from ${bytes.length} bytes: it has 4 or 16`);
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return addressFrom(bytes.length === 4 ? 4 : 6, value);
}

function refusal(text: string): RangeError {
  return new RangeError(`Cannot parse address ${quote(text)}: accepted are IPv4 "192.0.2.1" and IPv6 "2001:db8::1"`);
}
