import { createNetlink, FlagsGet, Protocol, AttrStream, RawNetlinkSocket, rt } from "netlink";
import type { NetlinkSocket } from "netlink";
import { CommonError } from "../errors.ts";

/** Parsed rtnetlink messages, as the library shapes them. */
export type RouteMessage = rt.RouteMessage;
export type RuleMessage = rt.RuleMessage;
export type LinkMessage = rt.LinkMessage;
export type RtnetlinkMessage = RouteMessage | RuleMessage | LinkMessage;

/** Multicast groups of rtnetlink(7) that tell about links, routes and rules. */
const watchedGroups = ["LINK", "IPV4_ROUTE", "IPV4_RULE", "IPV6_ROUTE", "IPV6_RULE"] as const;

const verbs = { route: "ROUTE", rule: "RULE", link: "LINK" } as const;
const TIMEOUT_MS = 5000;
const BUFFER = 1 << 20;

/**
 * The kernel's rtnetlink door in this network namespace.
 *
 * The library assembles multipart answers per socket and not per request, so dumps have a socket of their own and
 * never run side by side. It also peeks with a one-byte buffer unless told not to.
 */
export class Rtnetlink implements Disposable {
  readonly #dumps = openSocket(false);
  readonly #requests = openSocket(false);
  #lastDump: Promise<unknown> = Promise.resolve();

  /** Every object of one kind and family; asked again when the kernel says that it changed while it was read. */
  async dump<K extends RtnetlinkMessage["kind"]>(kind: K, family: number): Promise<Extract<RtnetlinkMessage, { kind: K }>[]> {
    const mine = this.#lastDump.then(() => dumpOnce(this.#dumps, kind, family));
    this.#lastDump = mine.catch(() => undefined);
    return (await mine) as Extract<RtnetlinkMessage, { kind: K }>[];
  }

  /**
   * Sends one change, or asks for one object, and waits for the answer.
   *
   * @param flags of netlink(7) beside REQUEST and ACK
   * @throws {CommonError} NETLINK_REFUSED with `operation` and the errno's name
   */
  async request(verb: "NEW" | "DEL" | "GET" | "SET", message: RtnetlinkMessage, operation: string, flags = 0): Promise<RtnetlinkMessage[]> {
    const type = rt.MessageType[`${verb}${verbs[message.kind]}` as "NEWROUTE"];
    try {
      const [answers] = await this.#requests.request(type, encode(message), { flags, timeout: TIMEOUT_MS });
      return answers.map(decode);
    } catch (error) {
      throw new CommonError({ code: "NETLINK_REFUSED", operation, errno: errnoOf(error) }, { cause: error });
    }
  }

  /**
   * Tells about every change of links, routes and rules that was not made through `request()`, until `signal`
   * aborts. `undefined` means that notices were lost (ENOBUFS): anything may have changed.
   */
  watch(listener: (message: RtnetlinkMessage | undefined) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    const socket = openSocket(true);
    const own = this.#requests.address().port;
    for (const group of watchedGroups) socket.addMembership(rt.MulticastGroups[group]);
    socket.on("message", (messages) => {
      // The kernel stamps a notice with the port of the socket that asked for the change.
      for (const message of messages) if (message.port !== own) listener(decode(message));
    });
    for (const event of ["error", "invalid", "truncatedMessage"] as const) socket.on(event, () => listener(undefined));
    signal.addEventListener("abort", () => socket.close(), { once: true });
  }

  [Symbol.dispose](): void {
    this.#dumps.close();
    this.#requests.close();
  }
}

const sizes = { messagePeeking: false, msgBufferSize: 65_536, recvBufferSize: BUFFER, sendBufferSize: BUFFER };

function openSocket(ref: boolean): NetlinkSocket {
  return createNetlink(Protocol.ROUTE, { ref, ...sizes });
}

/** A socket of generic netlink that hands over each datagram as it came: what is made of it is in generic.ts. */
export const openGenericSocket = (): RawNetlinkSocket => new RawNetlinkSocket(Protocol.GENERIC, sizes);

function encode(message: RtnetlinkMessage): Uint8Array[] {
  const out = new AttrStream();
  if (message.kind === "route") rt.formatRouteMessage(message, out);
  else if (message.kind === "rule") rt.formatRuleMessage(message, out);
  else rt.formatLinkMessage(message, out);
  return out.bufs;
}

function decode({ type, data }: { readonly type: number; readonly data: Buffer }): RtnetlinkMessage {
  return parseMessage(type, data) as RtnetlinkMessage;
}

/** The library types the number as an enum, and gives it as a plain number. */
const parseMessage: (type: number, data: Buffer) => rt.Message = rt.parseMessage;

async function dumpOnce(socket: NetlinkSocket, kind: RtnetlinkMessage["kind"], family: number): Promise<RtnetlinkMessage[]> {
  const type = rt.MessageType[`GET${verbs[kind]}` as "GETROUTE"];
  const request = encode({ kind, data: { family }, attrs: {} });
  for (let tries = 0; tries < 5; tries++) {
    const [answers] = await socket.request(type, request, { flags: FlagsGet.DUMP, timeout: TIMEOUT_MS });
    if (!answers.some(({ flags }) => flags & DUMP_INTERRUPTED))
      return answers.map(decode);
  }
  throw new CommonError({ code: "NETLINK_REFUSED", operation: `list every ${kind}`, errno: "EINTR" });
}

/** NLM_F_DUMP_INTR of netlink(7). */
const DUMP_INTERRUPTED = 0x10;

/** The library rejects with the text `Request rejected: EEXIST`, and with a system error when sending failed. */
function errnoOf(error: unknown): string {
  const { message, code } = error as { message: string; code?: string };
  return code ?? /^Request rejected: (\w+)$/.exec(message)?.[1] ?? message;
}
