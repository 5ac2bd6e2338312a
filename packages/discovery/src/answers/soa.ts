import { serverName } from "../names/apex.ts";
import { CLASS, TYPE } from "../wire/codes.ts";
import { encodeName } from "../wire/name.ts";
import { Writer } from "../wire/writer.ts";

/** A zone's SOA record with gaps for pointers to the zone's origin, which stands elsewhere in every question. */
export interface Soa {
  readonly bytes: Uint8Array;
  /** Offsets in `bytes` of the pointers, two bytes each. */
  readonly pointers: readonly number[];
  /** Offset in `bytes` of the serial, four bytes. */
  readonly serialAt: number;
}

export interface SoaFields {
  /** The zone, or `undefined` when the zone is whatever name is asked. */
  readonly origin: string | undefined;
  /** The zone in which the server has its name. */
  readonly primary: string;
  /** Seconds; MINIMUM, and the record's own TTL up to 300. */
  readonly ttl: number;
  /** Unix time in seconds of the zone's last visible change. */
  readonly serial: number;
}

const [REFRESH, RETRY, EXPIRE] = [7200, 1800, 86_400];

/**
 * Compiles `SOA ns.dns.Z hostmaster.Z <serial> 7200 1800 86400 <ttl>`, the record that goes with every negative answer
 * (RFC 2308 §3).
 */
export function compileSoa({ origin, primary, ttl, serial }: SoaFields): Soa {
  const writer = new Writer();
  const pointers: number[] = [];
  const pointer = (): void => {
    pointers.push(writer.length);
    writer.u16(0);
  };
  const below = (label: string): void => {
    const name = encodeName(`${label}.${primary}`) ?? new Uint8Array(1);
    if (origin !== primary) return writer.bytes(name);
    writer.bytes((encodeName(label) ?? new Uint8Array(1)).subarray(0, -1));
    pointer();
  };
  pointer();
  writer.u16(TYPE.SOA);
  writer.u16(CLASS.IN);
  writer.u32(Math.min(ttl, 300));
  let serialAt = 0;
  writer.sized(() => {
    below(serverName("").slice(0, -1));
    below("hostmaster");
    serialAt = writer.length;
    for (const value of [serial, REFRESH, RETRY, EXPIRE, ttl]) writer.u32(value);
  });
  return { bytes: writer.take(), pointers, serialAt };
}

/** Puts a new serial into the record, in place: an answer has the old one or the new one. */
export function setSerial({ bytes, serialAt }: Soa, serial: number): void {
  new DataView(bytes.buffer).setUint32(serialAt, serial);
}
