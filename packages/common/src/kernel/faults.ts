import assert from "node:assert/strict";
import { int32, padded } from "./fake-socket.ts";
import type { FakeNetlink, SocketEvent } from "./fake-socket.ts";
import type { NetlinkMessage } from "./netlink-message.ts";

/** What the table runs on: an adapter over a kernel that is played. */
export interface FaultSubject {
  readonly kernel: FakeNetlink;
  /** Reads something, or changes it; what it resolves to is the same each time. */
  readonly ask: () => Promise<unknown>;
  /** Whether an error is the package's own. */
  readonly isOwn: (error: unknown) => boolean;
}

export interface FaultCase {
  readonly name: string;
  readonly run: (subject: FaultSubject) => Promise<void>;
}

/** Message types and NLM_F_DUMP_INTR of netlink(7), and errnos. */
const [ERROR, DONE, OVERRUN, INTERRUPTED] = [2, 3, 4, 0x10];
const [EINTR, EBUSY, ENOMEM] = [-4, -16, -12];
const STRANGER = 4711;

type Spoil = (answer: readonly SocketEvent[]) => SocketEvent[];

const each = (change: (message: NetlinkMessage) => NetlinkMessage, which: (event: number, count: number) => boolean): Spoil => (answer) =>
  answer.map((event, i) => ("messages" in event && which(i, answer.length) ? { ...event, messages: event.messages.map(change) } : event));
const first = (i: number): boolean => i === 0;
const last = (i: number, count: number): boolean => i === count - 1;
const all = (): boolean => true;
const ended = (errno: number) => (message: NetlinkMessage): NetlinkMessage =>
  message.type === DONE || message.type === ERROR ? { ...message, payload: int32(errno) } : message;
const bytesOf = (event: SocketEvent | undefined): Buffer => (event && "messages" in event ? Buffer.concat(event.messages.map(padded)) : Buffer.alloc(0));
const refusal = (answer: readonly SocketEvent[]): NetlinkMessage[] =>
  answer.flatMap((event) => ("messages" in event ? event.messages : [])).slice(0, 1).map(({ sequence }) => ({ type: ERROR, flags: 0, sequence, payload: int32(ENOMEM) }));

/** What becomes of one answer. */
const spoils: Readonly<Record<string, Spoil>> = {
  "loses its first datagram (ENOBUFS)": ([, ...rest]) => [{ error: "ENOBUFS" }, ...rest],
  "loses its last datagram (ENOBUFS)": (answer) => [...answer.slice(0, -1), { error: "ENOBUFS" }],
  "comes over a socket that dies": () => [{ error: "EBADF", dead: true }],
  "has a datagram that is longer than the buffer (MSG_TRUNC)": ([, ...rest]) => [{ truncated: true }, ...rest],
  "ends inside of a message": (answer) => [...answer.slice(0, -1), { bytes: bytesOf(answer.at(-1)).subarray(0, -6) }],
  "begins inside of a message": ([head, ...rest]) => [{ bytes: bytesOf(head).subarray(6) }, ...rest],
  "has garbage in its midst": ([head, ...rest]) => [...(head ? [head] : []), { bytes: Buffer.from("garbage in its midst") }, ...rest],
  "has no end": (answer) => [...answer.slice(0, -1)],
  "has an end without an errno": each((message) => ({ ...message, payload: Buffer.alloc(0) }), last),
  "does not come": () => [],
  "is interrupted (NLM_F_DUMP_INTR)": each((message) => ({ ...message, flags: message.flags | INTERRUPTED }), first),
  "is interrupted, which its end alone tells": each((message) => ({ ...message, flags: message.flags | INTERRUPTED }), last),
  "fails half-way with EINTR": each(ended(EINTR), all),
  "fails half-way with EBUSY": each(ended(EBUSY), all),
  "fails half-way with ENOMEM": each(ended(ENOMEM), all),
  "is overrun (NLMSG_OVERRUN)": each((message) => ({ ...message, type: OVERRUN }), last),
  "comes behind that of another request": (answer) => [...each((message) => ({ ...message, sequence: message.sequence + 1000, payload: Buffer.alloc(64) }), all)(answer), ...answer],
  "comes behind that of another program": (answer) => [{ messages: refusal(answer), sender: STRANGER }, ...answer],
  "comes twice": (answer) => [...answer, ...answer],
};

/**
 * Every adapter of netlink withstands these: what it reads is whole, or it says that it could not read it, by an error
 * of its own; and afterwards it works as before.
 */
export const faultCases: readonly FaultCase[] = Object.entries(spoils).map(([name, spoil]) => ({
  name: `takes an answer that ${name} for whole or for none`,
  async run({ kernel, ask, isOwn }) {
    const whole = await ask();
    kernel.spoil = spoil;
    try {
      assert.deepEqual(await ask(), whole);
    } catch (error) {
      if (!isOwn(error)) throw error;
    }
    assert.equal(kernel.spoil, undefined, "nothing was asked");
    assert.deepEqual(await ask(), whole);
  },
}));
