import { CommonError } from "../errors.ts";
import type { LinkMessage, Rtnetlink } from "./socket.ts";

/** A network device, as far as we care. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** Administratively up (IFF_UP). */
  readonly up: boolean;
  /** Bytes. */
  readonly mtu: number;
}

/** The devices of this node. */
export interface Links {
  list(): Promise<Link[]>;
  /** The device of that name, or `undefined`. */
  find(name: string): Promise<Link | undefined>;
  /** Brings a device up or sets its MTU; what is not named stays. */
  set(name: string, wanted: { readonly up?: true; readonly mtu?: number }): Promise<void>;
}

/** The devices by rtnetlink. */
export class KernelLinks implements Links {
  readonly #rtnetlink: Rtnetlink;

  constructor(rtnetlink: Rtnetlink) {
    this.#rtnetlink = rtnetlink;
  }

  async list(): Promise<Link[]> {
    return (await this.#rtnetlink.dump("link", 0)).map(decodeLink);
  }

  async find(name: string): Promise<Link | undefined> {
    try {
      const query: LinkMessage = { kind: "link", data: {}, attrs: { ifname: name } };
      const [answer] = await this.#rtnetlink.request("GET", query, `ip link show ${name}`);
      return answer && decodeLink(answer as LinkMessage);
    } catch (error) {
      if (error instanceof CommonError && error.fault.code === "NETLINK_REFUSED" && error.fault.errno === "ENODEV") return undefined;
      throw error;
    }
  }

  async set(name: string, { up, mtu }: { readonly up?: true; readonly mtu?: number }): Promise<void> {
    const flags = up ? { flags: { up }, change: { up } } : {};
    const attrs = { ifname: name, ...(mtu === undefined ? {} : { mtu }) };
    const words = ["ip link set", name, up ? "up" : "", mtu === undefined ? "" : `mtu ${mtu}`].filter(Boolean);
    await this.#rtnetlink.request("SET", { kind: "link", data: flags, attrs }, words.join(" "));
  }
}

export function decodeLink({ data, attrs }: LinkMessage): Link {
  return { index: data.index ?? 0, name: attrs.ifname ?? "", up: data.flags?.up === true, mtu: attrs.mtu ?? 0 };
}
