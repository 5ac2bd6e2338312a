import { getSystemErrorMap } from "node:util";
import { CommonError } from "../errors.ts";
import { attribute, attributesOf } from "./attributes.ts";
import { Exchange } from "./exchange.ts";
import type { DatagramSocket } from "./exchange.ts";

/** A request to a family of generic netlink. */
export interface GenericRequest {
  /** The name by which the family registered: `wireguard`, `IPVS`. */
  readonly family: string;
  readonly version: number;
  readonly command: number;
  /** Encoded attributes. */
  readonly attributes: Buffer;
}

/** The controller, which knows the families by name (linux/genetlink.h). */
const CONTROLLER = { type: 0x10, version: 1, getFamily: 3, familyId: 1, familyName: 2 };
/** NLM_F_* of netlink(7). */
const [REQUEST, ACK, DUMP] = [0x1, 0x4, 0x300];
const GENERIC_HEADER = 4;
/** What a second attempt cures: the object changed while it was read, or a part of it was lost. */
const passing: ReadonlySet<string> = new Set(["EINTR", "ENOBUFS", "EBUSY", "EMSGSIZE"]);
const TRIES = 5;

/** The kernel's generic netlink door in this network namespace; one request at a time, in the order of the calls. */
export class GenericNetlink implements Disposable {
  readonly #exchange: Exchange;
  readonly #families = new Map<string, number>();

  constructor(openSocket: () => DatagramSocket) {
    this.#exchange = new Exchange(openSocket);
  }

  /**
   * Makes one change, and waits until it is acknowledged.
   *
   * @param operation the request as a human would type it
   * @throws {CommonError} NETLINK_REFUSED with the errno's name; ENOENT also when the kernel has no such family
   */
  async request(request: GenericRequest, operation: string): Promise<void> {
    await this.#send(request, REQUEST | ACK, operation);
  }

  /**
   * Reads all objects of a kind; again when they changed meanwhile, or when a part was lost on the way.
   *
   * @returns the attributes of each message
   * @throws {CommonError} NETLINK_REFUSED, NETLINK_UNREADABLE
   */
  async dump(request: GenericRequest, operation: string): Promise<Buffer[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#send(request, REQUEST | DUMP, operation);
      } catch (error) {
        if (tries === TRIES || !(error instanceof CommonError && error.fault.code === "NETLINK_REFUSED" && passing.has(error.fault.errno)))
          throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#exchange.close();
  }

  async #send({ family, version, command, attributes }: GenericRequest, flags: number, operation: string): Promise<Buffer[]> {
    const type = await this.#familyOf(family);
    try {
      return await this.#ask({ type, version, command, attributes }, flags, operation);
    } catch (error) {
      this.#families.delete(family); // a module that was loaded anew has another number
      throw error;
    }
  }

  async #familyOf(name: string): Promise<number> {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const { type, version, getFamily, familyId, familyName } = CONTROLLER;
    const wanted = attribute(familyName, Buffer.from(`${name}\0`));
    const [answer = Buffer.alloc(0)] = await this.#ask({ type, version, command: getFamily, attributes: wanted }, REQUEST | ACK, `genl ctrl get name ${name}`);
    const id = attributesOf(answer).find((found) => found.type === familyId)?.payload;
    if (id?.length !== 2) throw new CommonError({ code: "NETLINK_UNREADABLE", problem: `the family ${name} came without a number` });
    this.#families.set(name, id.readUInt16LE());
    return id.readUInt16LE();
  }

  async #ask({ type, version, command, attributes }: GenericMessage, flags: number, operation: string): Promise<Buffer[]> {
    const payload = Buffer.concat([Buffer.from([command, version, 0, 0]), attributes]);
    const { errno, parts } = await this.#exchange.ask({ type, flags, payload });
    if (errno !== 0) throw new CommonError({ code: "NETLINK_REFUSED", operation, errno: typeof errno === "string" ? errno : nameOf(errno) });
    return parts.map((part) => part.subarray(GENERIC_HEADER));
  }
}

/** A request whose family is known by its number. */
interface GenericMessage extends Omit<GenericRequest, "family"> {
  readonly type: number;
}

/** The name of a negative errno as the kernel sends it; libuv does not know all of them. */
const nameOf = (errno: number): string => getSystemErrorMap().get(errno)?.[0] ?? `errno ${-errno}`;
