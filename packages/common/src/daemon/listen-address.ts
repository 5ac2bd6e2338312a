import { familyOf, parseAddress } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { quote } from "../net/quote.ts";

/** An address and a port. */
export interface SocketAddress {
  readonly host: Address;
  readonly port: number;
}

/**
 * Parses `192.0.2.1:53` or `[2001:db8::1]:53`; with `defaultPort` also a bare address.
 *
 * @throws {RangeError} with the accepted forms
 */
export function parseSocketAddress(text: string, defaultPort?: number): SocketAddress {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  const bare = match ?? (defaultPort === undefined ? undefined : { groups: { v6: text, v4: undefined, port: undefined } });
  const { v6, v4, port = defaultPort } = bare?.groups ?? {};
  const number = Number(port);
  if ((v6 ?? v4) === undefined || port === undefined || number > 65_535)
    throw new RangeError(`Cannot parse ${quote(text)}: accepted are "192.0.2.1:53" and "[2001:db8::1]:53"`);
  const host = parseAddress(v6 ?? v4 ?? "");
  if (v6 !== undefined && familyOf(host) !== 6)
    throw new RangeError(`Cannot parse ${quote(text)}: brackets are for IPv6; accepted are "192.0.2.1:53" and "[2001:db8::1]:53"`);
  return { host, port: number };
}

/** The inverse of `parseSocketAddress()`. */
export function showSocketAddress({ host, port }: SocketAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
