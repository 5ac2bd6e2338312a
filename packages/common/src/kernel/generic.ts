import { CommonError } from "../errors.ts";
import { attribute, attributesOf } from "./attributes.ts";
import { NetlinkDoor } from "./door.ts";
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
const GENERIC_HEADER = 4;

/** The kernel's generic netlink door in this network namespace; one request at a time, in the order of the calls. */
export class GenericNetlink implements Disposable {
  readonly #door: NetlinkDoor;
  readonly #families = new Map<string, number>();

  /** @param timeoutMs silence after which an answer will not come */
  constructor(openSocket: () => DatagramSocket, timeoutMs?: number) {
    this.#door = new NetlinkDoor(openSocket, timeoutMs);
  }

  /**
   * Makes one change, and waits until it is acknowledged.
   *
   * @param operation the request as a human would type it
   * @throws {CommonError} NETLINK_REFUSED with the errno's name; ENOENT also when the kernel has no such family
   */
  async request(request: GenericRequest, operation: string): Promise<void> {
    await this.#send("request", request, operation);
  }

  /**
   * Reads all objects of a kind; again when they changed meanwhile, or when a part was lost on the way.
   *
   * @returns the attributes of each message
   * @throws {CommonError} NETLINK_REFUSED, NETLINK_UNREADABLE
   */
  async dump(request: GenericRequest, operation: string): Promise<Buffer[]> {
    return await this.#send("dump", request, operation);
  }

  [Symbol.dispose](): void {
    this.#door[Symbol.dispose]();
  }

  async #send(how: "request" | "dump", { family, version, command, attributes }: GenericRequest, operation: string): Promise<Buffer[]> {
    const type = await this.#familyOf(family);
    try {
      return await this.#ask(how, { type, version, command, attributes }, operation);
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
    const [answer = Buffer.alloc(0)] = await this.#ask("request", { type, version, command: getFamily, attributes: wanted }, `genl ctrl get name ${name}`);
    const id = attributesOf(answer).find((found) => found.type === familyId)?.payload;
    if (id?.length !== 2) throw new CommonError({ code: "NETLINK_UNREADABLE", problem: `the family ${name} came without a number` });
    this.#families.set(name, id.readUInt16LE());
    return id.readUInt16LE();
  }

  async #ask(how: "request" | "dump", { type, version, command, attributes }: GenericMessage, operation: string): Promise<Buffer[]> {
    const payload = Buffer.concat([Buffer.from([command, version, 0, 0]), attributes]);
    const parts = await this.#door[how]({ type, payload }, operation);
    return parts.map((part) => part.subarray(GENERIC_HEADER));
  }
}

/** A request whose family is known by its number. */
interface GenericMessage extends Omit<GenericRequest, "family"> {
  readonly type: number;
}
