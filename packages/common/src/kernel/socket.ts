import { createRequire } from "node:module";
// By file: the package's index loads half a megabyte of other families, 20 ms of a start that takes 60.
import { Protocol } from "netlink/dist/constants.js";
import { RawNetlinkSocket } from "netlink/dist/raw.js";
import * as rt from "netlink/dist/rt/structs.js";
import { AttrStream } from "netlink/dist/structs.js";
import { NetlinkDoor } from "./door.ts";
import type { DatagramSocket } from "./exchange.ts";
import { withoutUnknown } from "./known-attributes.ts";
import { MulticastListener } from "./multicast.ts";
import type { Multicast } from "./multicast.ts";
import { decodeMessages, understand } from "./netlink-message.ts";

/** Parsed rtnetlink messages, as the library shapes them. */
export type RouteMessage = rt.RouteMessage;
export type RuleMessage = rt.RuleMessage;
export type LinkMessage = rt.LinkMessage;
export type RtnetlinkMessage = RouteMessage | RuleMessage | LinkMessage;

/** Multicast groups of rtnetlink(7) that tell about links, routes and rules. */
const watchedGroups = ["LINK", "IPV4_ROUTE", "IPV4_RULE", "IPV6_ROUTE", "IPV6_RULE"] as const;

const verbs = { route: "ROUTE", rule: "RULE", link: "LINK" } as const;
const BUFFER = 1 << 20;

/** A socket that tells its number. */
export interface RouteSocket extends DatagramSocket {
  address(): { readonly port: number };
}

export interface RtnetlinkOptions {
  /** Where it listens; by itself unless given. */
  readonly multicast?: Multicast;
  readonly openSocket?: () => RouteSocket;
  /** Silence after which an answer will not come. */
  readonly timeoutMs?: number;
}

/** The kernel's rtnetlink door in this network namespace. Dumps have a socket of their own, so that changes need not wait. */
export class Rtnetlink implements Disposable {
  readonly #dumps: NetlinkDoor;
  readonly #requests: NetlinkDoor;
  /** Sockets by which we change things. */
  readonly #own = new Set<number>();
  readonly #multicast: Multicast;

  constructor({ multicast = openMulticast(), openSocket = openRouteSocket, timeoutMs }: RtnetlinkOptions = {}) {
    this.#multicast = multicast;
    this.#dumps = new NetlinkDoor(openSocket, timeoutMs);
    this.#requests = new NetlinkDoor(() => {
      const socket = openSocket();
      this.#own.add(socket.address().port);
      return socket;
    }, timeoutMs);
  }

  /**
   * Every object of one kind and family; asked again when the kernel says that it changed while it was read.
   *
   * @throws {CommonError} NETLINK_REFUSED, NETLINK_UNREADABLE
   */
  async dump<K extends RtnetlinkMessage["kind"]>(kind: K, family: number): Promise<Extract<RtnetlinkMessage, { kind: K }>[]> {
    const payload = encode({ kind, data: { family }, attrs: {} });
    const answers = await this.#dumps.dump({ type: typeOf("GET", kind), payload }, `list every ${kind}`);
    return answers.map((answer) => decode(typeOf("NEW", kind), answer)) as Extract<RtnetlinkMessage, { kind: K }>[];
  }

  /**
   * Sends one change, or asks for one object, and waits for the answer.
   *
   * @param flags of netlink(7) beside REQUEST and ACK
   * @throws {CommonError} NETLINK_REFUSED with `operation` and the errno's name, NETLINK_UNREADABLE
   */
  async request(verb: "NEW" | "DEL" | "GET" | "SET", message: RtnetlinkMessage, operation: string, flags = 0): Promise<RtnetlinkMessage[]> {
    const answers = await this.#requests.request({ type: typeOf(verb, message.kind), flags, payload: encode(message) }, operation);
    return answers.map((answer) => decode(typeOf("NEW", message.kind), answer));
  }

  /**
   * Tells about every change of links, routes and rules that was not made through `request()`, until `signal`
   * aborts. `undefined` means that notices may have been lost, as before it listened: anything may have changed.
   */
  watch(listener: (message: RtnetlinkMessage | undefined) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    const socket = this.#multicast.listenTo(Protocol.ROUTE, watchedGroups.map((group) => rt.MulticastGroups[group]));
    socket.on("message", (datagram) => this.#foreign(datagram).forEach(listener));
    socket.on("error", () => listener(undefined));
    signal.addEventListener("abort", () => socket.close(), { once: true });
  }

  [Symbol.dispose](): void {
    this.#dumps[Symbol.dispose]();
    this.#requests[Symbol.dispose]();
  }

  /** The kernel stamps a notice with the port of the socket that asked for the change. */
  #foreign(datagram: Buffer): (RtnetlinkMessage | undefined)[] {
    try {
      return decodeMessages(datagram).flatMap(({ type, port, payload }) => (this.#own.has(port) ? [] : [decode(type, payload)]));
    } catch {
      return [undefined]; // one that cannot be read may have been about anything
    }
  }
}

const sizes = { messagePeeking: false, msgBufferSize: 65_536, recvBufferSize: BUFFER, sendBufferSize: BUFFER };

const openRouteSocket = (): RawNetlinkSocket => new RawNetlinkSocket(Protocol.ROUTE, sizes);

/** The part of the library that the listener needs: the whole of it would take 4 MB more. */
const RAW = "netlink/dist/raw.js";

/** Listens to multicast groups of netlink(7) in this network namespace, by one process for all who share it. */
export const openMulticast = (): MulticastListener => new MulticastListener(createRequire(import.meta.url).resolve(RAW));

/** A socket of generic netlink that hands over each datagram as it came: what is made of it is in generic.ts. */
export const openGenericSocket = (): RawNetlinkSocket => new RawNetlinkSocket(Protocol.GENERIC, sizes);

/** The same of nfnetlink. */
export const openNetfilterSocket = (): RawNetlinkSocket => new RawNetlinkSocket(Protocol.NETFILTER, sizes);

function encode(message: RtnetlinkMessage): Buffer {
  const out = new AttrStream();
  if (message.kind === "route") rt.formatRouteMessage(message, out);
  else if (message.kind === "rule") rt.formatRuleMessage(message, out);
  else rt.formatLinkMessage(message, out);
  return Buffer.concat(out.bufs);
}

/** @throws {CommonError} NETLINK_UNREADABLE */
const decode = (type: number, payload: Buffer): RtnetlinkMessage => understand(() => parseMessage(type, withoutUnknown(type, payload)) as RtnetlinkMessage);

/** The library types the number as an enum, and gives it as a plain number. */
const parseMessage: (type: number, data: Buffer) => rt.Message = rt.parseMessage;

const typeOf = (verb: "NEW" | "DEL" | "GET" | "SET", kind: RtnetlinkMessage["kind"]): number => rt.MessageType[`${verb}${verbs[kind]}` as "NEWROUTE"];
