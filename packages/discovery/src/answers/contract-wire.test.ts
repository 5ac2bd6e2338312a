import { beforeAll, describe, expect, it } from "vitest";
import { decodeMessage, rcodeOf, showSection } from "../../testing/decode.ts";
import { twoClusters } from "../../testing/mesh.ts";
import type { Served } from "../../testing/served.ts";
import { encodeName } from "../wire/name.ts";
import { skipName } from "../wire/records.ts";

const NAME = encodeName("httpd.test.svc.cluster.west") ?? new Uint8Array();

/** Parts of a message, so that each row shows what is wrong with it. */
interface Parts {
  readonly flags?: number;
  readonly counts?: readonly [number, number, number, number];
  readonly name?: Uint8Array;
  readonly type?: number;
  readonly class?: number;
  readonly rest?: readonly number[];
}

const u16 = (value: number): number[] => [value >>> 8, value & 255];

function message({ flags = 0x0100, counts = [1, 0, 0, 0], name = NAME, type = 1, class: klass = 1, rest = [] }: Parts): Uint8Array {
  return Uint8Array.from([0xbe, 0xef, ...u16(flags), ...counts.flatMap(u16), ...name, ...u16(type), ...u16(klass), ...rest]);
}

function opt({ size = 1232, version = 0, dnssecOk = false, options = [] as number[], owner = [0] } = {}): number[] {
  return [...owner, 0, 41, ...u16(size), 0, version, dnssecOk ? 0x80 : 0, 0, ...u16(options.length), ...options];
}
const withOpt = (options: Parameters<typeof opt>[0] = {}, parts: Parts = {}): Uint8Array =>
  message({ counts: [1, 0, 0, 1], rest: opt(options), ...parts });

const cookie = (length: number): number[] => [0, 10, ...u16(length), ...Array.from({ length }, () => 7)];
const longName = Uint8Array.from([...Array.from({ length: 64 }, () => [3, 97, 97, 97]).flat(), 0]);

/** Header only: the id, the bits, and four counts of zero. */
const bare = (rcode: number, flags = 0x8100): number[] => [0xbe, 0xef, flags >>> 8, (flags & 255) | rcode, 0, 0, 0, 0, 0, 0, 0, 0];

describe("messages that are not answered", () => {
  const rows: [string, Uint8Array][] = [
    ["a response", message({ flags: 0x8180 })],
    ["eleven bytes", message({}).subarray(0, 11)],
    ["nothing", new Uint8Array()],
  ];
  for (const [sentence, bytes] of rows)
    it(`drops ${sentence}`, async () => expect((await twoClusters()).send(bytes)).toHaveLength(0));
});

describe("messages that are answered with their header alone", () => {
  const FORMERR = 1;
  const NOTIMP = 4;
  const rows: [string, Uint8Array, number[]][] = [
    ["no question", message({ counts: [0, 0, 0, 0] }).subarray(0, 12), bare(FORMERR)],
    ["no question but a cookie", Uint8Array.from([...message({ counts: [0, 0, 0, 1] }).subarray(0, 12), ...opt({ options: cookie(8) })]), bare(FORMERR)],
    ["two questions", message({ counts: [2, 0, 0, 0], rest: [...NAME, 0, 1, 0, 1] }), bare(FORMERR)],
    ["a name that is cut off", message({}).subarray(0, 20), bare(FORMERR)],
    ["a question without its class", message({}).subarray(0, -2), bare(FORMERR)],
    ["a label of 64 bytes", message({ name: Uint8Array.from([64, ...Array.from({ length: 64 }, () => 97), 0]) }), bare(FORMERR)],
    ["a pointer to itself", message({ name: Uint8Array.from([0xc0, 12]) }), bare(FORMERR)],
    ["a name of more than 255 bytes", message({ name: longName }), bare(FORMERR)],
    ["an answer that is announced and not there", message({ counts: [1, 1, 0, 0] }), bare(FORMERR)],
    ["two OPT", message({ counts: [1, 0, 0, 2], rest: [...opt(), ...opt()] }), bare(FORMERR)],
    ["OPT among the answers", message({ counts: [1, 1, 0, 0], rest: opt() }), bare(FORMERR)],
    ["OPT with an owner", message({ counts: [1, 0, 0, 1], rest: opt({ owner: [1, 97, 0] }) }), bare(FORMERR)],
    ["bytes behind the message", message({ rest: [0] }), bare(FORMERR)],
    ["bytes behind OPT", message({ counts: [1, 0, 0, 1], rest: [...opt(), 0] }), bare(FORMERR)],
    ["an option that is cut off", withOpt({ options: [0, 3, 0, 9, 1] }), bare(FORMERR)],
    ["a cookie of seven bytes", withOpt({ options: cookie(7) }), bare(FORMERR)],
    ["a cookie of twelve bytes", withOpt({ options: cookie(12) }), bare(FORMERR)],
    ["opcode IQUERY", message({ flags: 0x0900 }), bare(NOTIMP, 0x8900)],
    ["opcode STATUS", message({ flags: 0x1100 }), bare(NOTIMP, 0x9100)],
    ["opcode 3", message({ flags: 0x1800 }), bare(NOTIMP, 0x9800)],
    ["NOTIFY", message({ flags: 0x2400 }), bare(NOTIMP, 0xa000)],
    ["UPDATE", message({ flags: 0x2800 }), bare(NOTIMP, 0xa800)],
    ["DSO", message({ flags: 0x3000 }), bare(NOTIMP, 0xb000)],
    ["opcode 15", message({ flags: 0x7800 }), bare(NOTIMP, 0xf800)],
  ];
  for (const [sentence, bytes, want] of rows)
    for (const transport of ["udp", "tcp"] as const)
      it(`${sentence}, over ${transport}`, async () => expect([...((await twoClusters()).send(bytes, transport) ?? [])]).toEqual(want));
});

describe("messages that are answered with a code", () => {
  const rows: [string, Uint8Array, string, number?][] = [
    ["class CH without an identity", message({ name: encodeName("version.bind") ?? NAME, type: 16, class: 3 }), "REFUSED"],
    ["class HS", message({ class: 4 }), "REFUSED"],
    ["class NONE", message({ class: 254 }), "REFUSED"],
    ["class ANY", message({ class: 255 }), "REFUSED"],
    ["AXFR", message({ name: encodeName("cluster.west") ?? NAME, type: 252 }), "REFUSED"],
    ["IXFR", message({ name: encodeName("cluster.west") ?? NAME, type: 251 }), "REFUSED"],
    ["AXFR of a missing name", message({ name: encodeName("x.cluster.west") ?? NAME, type: 252 }), "REFUSED"],
    ["AXFR of a zone of others", message({ name: encodeName("example.com") ?? NAME, type: 252 }), "REFUSED"],
    ["a name that is not ours", message({ name: encodeName("example.com") ?? NAME }), "REFUSED"],
    ["the root", message({ name: Uint8Array.of(0), type: 2 }), "REFUSED"],
    ["type 0", message({ type: 0 }), "NOERROR"],
    ["a private type", message({ type: 65_280 }), "NOERROR"],
    ["type OPT", message({ type: 41 }), "NOERROR"],
    ["type RRSIG", message({ type: 46 }), "NOERROR"],
    ["type MAILB", message({ type: 253 }), "NOERROR"],
    ["the bits AD, CD, Z and TC", message({ flags: 0x0370 }), "NOERROR"],
    ["a record that means nothing here", message({ counts: [1, 0, 1, 0], rest: [0, 0, 6, 0, 1, 0, 0, 0, 0, 0, 0] }), "NOERROR"],
  ];
  for (const [sentence, bytes, want] of rows)
    for (const transport of ["udp", "tcp"] as const)
      it(`${sentence}: ${want} over ${transport}`, async () => {
        const answer = (await twoClusters()).send(bytes, transport) ?? Buffer.alloc(0);
        expect(rcodeOf(answer)).toBe(want);
        const questionEnd = skipName(bytes, 12, bytes.length) + 4;
        expect(answer.subarray(12, questionEnd), "the question is repeated").toEqual(Buffer.from(bytes).subarray(12, questionEnd));
      });

  it("gives no AA and no SOA where it refuses", async () => {
    const answer = (await twoClusters()).ask("example.com", "A");
    expect((answer[2] ?? 0) & 0x04).toBe(0);
    expect(decodeMessage(answer).authorities).toEqual([]);
  });

  it("tells of itself in class CH what it was told to", async () => {
    const served = await twoClusters({ identity: { version: "1.2.3", id: "node-7" } });
    for (const [name, text] of [["version.bind", "1.2.3"], ["VERSION.server", "1.2.3"], ["id.server", "node-7"], ["hostname.bind", "node-7"]]) {
      const answer = served.send(message({ name: encodeName(name ?? "") ?? NAME, type: 16, class: 3 })) ?? Buffer.alloc(0);
      expect(String(answer.subarray(-(text?.length ?? 0)))).toBe(text);
    }
    expect(rcodeOf(served.send(message({ name: encodeName("authors.bind") ?? NAME, type: 16, class: 3 })) ?? Buffer.alloc(4))).toBe("REFUSED");
  });
});

describe("the answer's bytes", () => {
  let served: Served;
  beforeAll(async () => {
    served = await twoClusters();
  });

  it("are the question's, a header, and records that point into the question", () => {
    const query = message({ name: Uint8Array.from(NAME, (byte, i) => (i === 1 ? 0x48 : byte)) }); // "Httpd"
    expect([...(served.send(query) ?? [])]).toEqual([
      ...[0xbe, 0xef, 0x85, 0x00, 0, 1, 0, 1, 0, 0, 0, 0],
      ...query.subarray(12),
      ...[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 97, 0, 7],
    ]);
  });

  it("copy RD and clear AD and CD", () => {
    expect(served.send(message({ flags: 0x0030 }))?.subarray(2, 4)).toEqual(Buffer.from([0x84, 0x00]));
  });

  it("find a name whatever its case", () => {
    const upper = Uint8Array.from(NAME, (byte) => (byte >= 97 && byte <= 122 ? byte - 32 : byte));
    const answer = served.send(message({ name: upper })) ?? Buffer.alloc(0);
    expect(rcodeOf(answer)).toBe("NOERROR");
    expect(answer.subarray(12, 12 + upper.length)).toEqual(Buffer.from(upper));
  });

  it("do not compress SRV targets, and do compress the owners of glue", () => {
    const name = encodeName("_http._tcp.httpd.test.svc.cluster.west") ?? NAME;
    const answer = served.send(message({ name, type: 33 })) ?? Buffer.alloc(0);
    const records = [...answer.subarray(12 + name.length + 4)];
    expect(records).toEqual([
      ...[0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 5, 0, 6 + NAME.length, 0, 0, 0, 100, 0x1f, 0x90, ...NAME],
      ...[0xc0, 12 + 11, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 97, 0, 7],
    ]);
  });
});

describe("EDNS", () => {
  const OPT_REPLY = (dnssecOk: number, ...options: number[]): number[] => [0, 0, 41, 0x04, 0xd0, 0, 0, dnssecOk, 0, ...u16(options.length), ...options];
  const rows: [string, Uint8Array, number[]][] = [
    ["is answered with size 1232 and version 0", withOpt({ size: 4096 }), OPT_REPLY(0)],
    ["copies DO", withOpt({ dnssecOk: true }), OPT_REPLY(0x80)],
    ["of size 0 is answered", withOpt({ size: 0 }), OPT_REPLY(0)],
    ["of size 65535 is answered", withOpt({ size: 65_535 }), OPT_REPLY(0)],
    ["options are ignored: NSID", withOpt({ options: [0, 3, 0, 0] }), OPT_REPLY(0)],
    ["options are ignored: client subnet, padding, keepalive", withOpt({ options: [0, 8, 0, 4, 0, 1, 0, 0, 0, 12, 0, 2, 0, 0, 0, 11, 0, 0] }), OPT_REPLY(0)],
    ["cookies are ignored", withOpt({ options: cookie(8) }), OPT_REPLY(0)],
    ["cookies with a server's half are ignored", withOpt({ options: cookie(24) }), OPT_REPLY(0)],
    ["carries the reason of a refusal", withOpt({}, { name: encodeName("example.com") ?? NAME }), OPT_REPLY(0, 0, 15, 0, 2, 0, 20)],
  ];
  for (const [sentence, bytes, want] of rows)
    it(sentence, async () => {
      const answer = (await twoClusters()).send(bytes) ?? Buffer.alloc(0);
      expect([...answer.subarray(-want.length)]).toEqual(want);
      expect(answer.readUInt16BE(10)).toBe(1);
    });

  for (const version of [1, 100])
    it(`version ${version} is answered BADVERS`, async () => {
      const query = withOpt({ version });
      const answer = (await twoClusters()).send(query) ?? Buffer.alloc(0);
      const question = query.subarray(12, 12 + NAME.length + 4);
      expect([...answer]).toEqual([0xbe, 0xef, 0x81, 0x00, 0, 1, 0, 0, 0, 0, 0, 1, ...question, 0, 0, 41, 0x04, 0xd0, 1, 0, 0, 0, 0, 0]);
    });

  it("is not in the answer when it was not in the query", async () => {
    const answer = (await twoClusters()).ask("httpd.test.svc.cluster.west", "A");
    expect(showSection(decodeMessage(answer).additionals)).toEqual([]);
    expect(answer.readUInt16BE(10)).toBe(0);
  });
});
