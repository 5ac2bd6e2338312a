import { CommonError } from "../errors.ts";
import { attribute, attributesOf } from "./attributes.ts";
import type { LinkMessage, Rtnetlink } from "./socket.ts";

/** A network device, as far as we care. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** Administratively up (IFF_UP). */
  readonly up: boolean;
  /** Bytes. */
  readonly mtu: number;
  /** `wireguard`, `tun`, `veth`, …; absent for hardware and for `lo`. */
  readonly kind?: string;
}

/** The devices of this node. */
export interface Links {
  list(): Promise<Link[]>;
  /** The device of that name, or `undefined`. */
  find(name: string): Promise<Link | undefined>;
  /** Brings a device up or sets its MTU; what is not named stays. */
  set(name: string, wanted: { readonly up?: true; readonly mtu?: number }): Promise<void>;
}

/** IFLA_INFO_KIND of rtnetlink(7), and NLM_F_CREATE with NLM_F_EXCL. */
const INFO_KIND = 1;
const CREATE = 0x400 | 0x200;

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

  /**
   * Makes a device.
   *
   * @throws {CommonError} NETLINK_REFUSED: EOPNOTSUPP when the kernel does not know the kind, EEXIST, EPERM
   */
  async create(name: string, kind: string): Promise<void> {
    const linkinfo = attribute(INFO_KIND, Buffer.from(`${kind}\0`));
    const link: LinkMessage = { kind: "link", data: {}, attrs: { ifname: name, linkinfo } };
    await this.#rtnetlink.request("NEW", link, `ip link add ${name} type ${kind}`, CREATE);
  }

  /** Deletes a device, with everything that leads through it. */
  async remove(name: string): Promise<void> {
    await this.#rtnetlink.request("DEL", { kind: "link", data: {}, attrs: { ifname: name } }, `ip link del ${name}`);
  }
}

export function decodeLink({ data, attrs }: LinkMessage): Link {
  const link = { index: data.index ?? 0, name: attrs.ifname ?? "", up: data.flags?.up === true, mtu: attrs.mtu ?? 0 };
  const kind = attributesOf(attrs.linkinfo ?? Buffer.alloc(0)).find(({ type }) => type === INFO_KIND)?.payload;
  return kind ? { ...link, kind: kind.toString("latin1").replace(/\0.*$/, "") } : link;
}
