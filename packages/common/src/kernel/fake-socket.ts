import type { RouteSocket } from "./socket.ts";
import { decodeMessages, encodeMessage } from "./netlink-message.ts";
import type { NetlinkMessage, ReceivedMessage } from "./netlink-message.ts";

/** What comes over a socket: a datagram, or what recvmsg(2) says in its place. */
export type SocketEvent =
  | { readonly messages: readonly NetlinkMessage[]; /** Port of the program that sent it; default the kernel. */ readonly sender?: number }
  | { readonly bytes: Buffer }
  | { readonly truncated: true }
  /** `dead`: the library closes the socket, and every later call throws. */
  | { readonly error: string; readonly dead?: boolean };

/** Message types of netlink(7). */
const [ERROR, DONE] = [2, 3];
const MULTI = 2;

/** A kernel that is played: answers what comes over its sockets, and once on demand not as it should. */
export class FakeNetlink {
  /** Every request so far. */
  readonly asked: ReceivedMessage[] = [];
  /** Sockets that were opened. */
  sockets = 0;
  /** Changes the next answer. */
  spoil: ((answer: readonly SocketEvent[]) => readonly SocketEvent[]) | undefined;
  readonly #answer: (requests: readonly ReceivedMessage[]) => readonly SocketEvent[];

  /** @param answer to one datagram of requests */
  constructor(answer: (requests: readonly ReceivedMessage[]) => readonly SocketEvent[]) {
    this.#answer = answer;
  }

  readonly open = (): RouteSocket => {
    this.sockets += 1;
    const listeners = new Map<string, (value: never, sender: never) => void>();
    let dead = false;
    const living = (): void => {
      if (dead) throw new Error("Netlink socket is closed");
    };
    const tell = (event: SocketEvent): void => {
      const [name, value, sender] = read(event);
      if ("error" in event && event.dead) dead = true;
      listeners.get(name)?.(value as never, { port: sender } as never);
    };
    return {
      on: (event: string, listener: (value: never, sender: never) => void) => listeners.set(event, listener),
      ref: living,
      unref: living,
      close: () => void (listeners.clear(), (dead = true)),
      address: () => ({ port: this.sockets }),
      send: (datagram) => {
        living();
        const requests = decodeMessages(Buffer.from(datagram));
        this.asked.push(...requests);
        const answer = this.#answer(requests);
        const events = this.spoil?.(answer) ?? answer;
        this.spoil = undefined;
        queueMicrotask(() => events.forEach(tell));
      },
    };
  };
}

function read(event: SocketEvent): [name: string, value: unknown, sender: number] {
  if ("truncated" in event) return ["truncatedMessage", Buffer.alloc(0), 0];
  if ("error" in event) return ["error", Object.assign(new Error(`recvmsg ${event.error}`), { code: event.error }), 0];
  if ("bytes" in event) return ["message", event.bytes, 0];
  return ["message", Buffer.concat(event.messages.map(padded)), event.sender ?? 0];
}

/** A message, and what brings the next one to a multiple of four bytes. */
export function padded(message: NetlinkMessage): Buffer {
  const bytes = encodeMessage(message);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

/** NLMSG_ERROR: the acknowledgement, or with a negative errno the refusal of a request. */
export const acknowledge = ({ sequence }: NetlinkMessage, errno = 0): NetlinkMessage => ({ type: ERROR, flags: 0, sequence, payload: int32(errno) });

/** The answer to a dump: a datagram for each payload, and the end in one of its own. */
export function dumpOf(request: NetlinkMessage, type: number, payloads: readonly Buffer[]): SocketEvent[] {
  const { sequence } = request;
  const parts = payloads.map((payload) => ({ messages: [{ type, flags: MULTI, sequence, payload }] }));
  return [...parts, { messages: [{ type: DONE, flags: MULTI, sequence, payload: int32(0) }] }];
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
