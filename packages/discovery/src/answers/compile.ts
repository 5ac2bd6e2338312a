import { bytesOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import type { RRset } from "../names/rrset.ts";
import { CLASS, TYPE } from "../wire/codes.ts";
import { encodeName } from "../wire/name.ts";
import { Writer } from "../wire/writer.ts";

/** The records of one type at one name as they go out behind the question. */
export interface CompiledSet {
  readonly type: number;
  readonly answers: number;
  readonly additional: number;
  /** Bytes of the answer section; the additional section follows. */
  readonly answerBytes: number;
  readonly bytes: Uint8Array;
  /** Bytes per answer when all are equally long, else 0. */
  readonly recordSize: number;
  /** Records were left out because no message could carry them all. */
  readonly cut: boolean;
}

/** A message over TCP has at most 65,535 bytes; header, the longest question and OPT with a reason are kept free. */
const MOST_BYTES = 65_535 - 12 - 259 - 64;

/** The schema version never changes while the server runs (DNS specification §2.2 shows this TTL). */
const TXT_TTL = 28_800;

/**
 * Compiles a set for its owner. Every compression pointer in it leads into the question, which is the owner's name;
 * what is compressed and what is not follows RFC 3597 §4 and RFC 2782 (SRV targets are not).
 *
 * @param owner lower case wire name
 * @param ttl seconds
 */
export function compileSet(owner: Uint8Array, set: RRset, ttl: number): CompiledSet {
  writer.rewind(0);
  const records = [...answersOf(set, owner, ttl)];
  const answers = writeUntilFull(records);
  const answerBytes = writer.length;
  const additional = writeUntilFull([...glueOf(set, owner, ttl)]);
  const uniform = set.type === "A" || set.type === "AAAA";
  return {
    type: TYPE[set.type],
    answers,
    additional,
    answerBytes,
    bytes: writer.take(),
    recordSize: uniform ? answerBytes / answers : 0,
    cut: answers < records.length,
  };
}

/** Used by one `compileSet()` after the other. */
const writer = new Writer();

type Write = (writer: Writer) => void;

function writeUntilFull(records: readonly Write[]): number {
  for (const [i, write] of records.entries()) {
    const before = writer.length;
    write(writer);
    if (writer.length <= MOST_BYTES) continue;
    writer.rewind(before);
    return i;
  }
  return records.length;
}

function* answersOf(set: RRset, owner: Uint8Array, ttl: number): Iterable<Write> {
  switch (set.type) {
    case "A":
    case "AAAA":
      for (const address of set.addresses) yield addressRecord(owner, owner, address, ttl);
      return;
    case "SRV":
      for (const { weight, port, target } of set.targets)
        yield record(owner, TYPE.SRV, ttl, (writer) => {
          writer.u16(0);
          writer.u16(weight);
          writer.u16(port);
          writer.bytes(wire(target));
        });
      return;
    case "NS":
    case "PTR":
      for (const target of set.targets) yield record(owner, TYPE[set.type], ttl, (w) => w.compressed(wire(target), owner));
      return;
    case "CNAME":
      // Uncompressed: the name is chased by reading it from here.
      yield record(owner, TYPE.CNAME, ttl, (writer) => writer.bytes(wire(set.target)));
      return;
    case "TXT":
      yield record(owner, TYPE.TXT, TXT_TTL, (writer) => {
        writer.u8(set.text.length);
        writer.bytes(new TextEncoder().encode(set.text));
      });
  }
}

function* glueOf(set: RRset, owner: Uint8Array, ttl: number): Iterable<Write> {
  if (set.type !== "SRV" && set.type !== "NS") return;
  for (const { name, addresses } of set.glue) {
    const glueOwner = wire(name);
    for (const address of addresses) yield addressRecord(owner, glueOwner, address, ttl);
  }
}

function addressRecord(question: Uint8Array, owner: Uint8Array, address: Address, ttl: number): Write {
  const bytes = bytesOf(address);
  return (writer) => {
    writer.compressed(owner, question);
    writeFixed(writer, bytes.length === 4 ? TYPE.A : TYPE.AAAA, ttl);
    writer.sized(() => writer.bytes(bytes));
  };
}

function record(owner: Uint8Array, type: number, ttl: number, data: Write): Write {
  return (writer) => {
    writer.compressed(owner, owner);
    writeFixed(writer, type, ttl);
    writer.sized(() => data(writer));
  };
}

function writeFixed(writer: Writer, type: number, ttl: number): void {
  writer.u16(type);
  writer.u16(CLASS.IN);
  writer.u32(ttl);
}

/** Planned names are made of checked labels; one that cannot be encoded is a fault of this program. */
function wire(name: string): Uint8Array {
  const encoded = encodeName(name);
  if (!encoded) throw new RangeError(`Cannot encode name ${JSON.stringify(name)}: a label or the name is too long`);
  return encoded;
}
