import { CommonError } from "../errors.ts";
import { errnoName } from "./errno.ts";
import { Exchange } from "./exchange.ts";
import type { DatagramSocket } from "./exchange.ts";

/** A message for the kernel, without what the door sees to: number and usual flags. */
export interface DoorRequest {
  readonly type: number;
  /** NLM_F_* of netlink(7) beside REQUEST, ACK and DUMP. */
  readonly flags?: number;
  readonly payload: Buffer;
}

/** NLM_F_* of netlink(7). */
const [REQUEST, ACK, DUMP] = [0x1, 0x4, 0x300];
/** What a second attempt cures: the object changed while it was read, or a part of it was lost. */
const passing: ReadonlySet<string> = new Set(["EINTR", "ENOBUFS", "EBUSY", "EMSGSIZE"]);
const TRIES = 5;

/** Requests to one protocol of netlink(7), one at a time and in the order of the calls. */
export class NetlinkDoor implements Disposable {
  readonly #exchange: Exchange;

  /** @param timeoutMs silence after which an answer will not come */
  constructor(openSocket: () => DatagramSocket, timeoutMs?: number) {
    this.#exchange = new Exchange(openSocket, timeoutMs);
  }

  /**
   * Makes one change, or asks for one object, and waits until it is acknowledged.
   *
   * @param operation the request as a human would type it
   * @returns payloads of what came before the acknowledgement
   * @throws {CommonError} NETLINK_REFUSED with the errno's name; with ETIMEDOUT, ENOBUFS and the like nobody knows
   * whether the change was made
   */
  async request({ type, flags = 0, payload }: DoorRequest, operation: string): Promise<readonly Buffer[]> {
    const { errno, parts } = await this.#exchange.ask({ type, flags: flags | REQUEST | ACK, payload });
    return errno === 0 ? parts : refuse(operation, errno);
  }

  /**
   * Reads all objects of a kind; again when they changed meanwhile, or when a part was lost on the way.
   *
   * @returns payloads of the messages, all of them
   * @throws {CommonError} NETLINK_REFUSED
   */
  async dump({ type, flags = 0, payload }: DoorRequest, operation: string): Promise<readonly Buffer[]> {
    for (let tries = 1; ; tries++) {
      const { errno, parts } = await this.#exchange.ask({ type, flags: flags | REQUEST | DUMP, payload });
      if (errno === 0) return parts;
      const name = typeof errno === "string" ? errno : errnoName(errno);
      if (tries === TRIES || !passing.has(name)) refuse(operation, errno);
    }
  }

  [Symbol.dispose](): void {
    this.#exchange.close();
  }
}

/** The errno's name, when it was the kernel that refused, or the way to it. */
export function refusalOf(error: unknown): string | undefined {
  return error instanceof CommonError && error.fault.code === "NETLINK_REFUSED" ? error.fault.errno : undefined;
}

function refuse(operation: string, errno: number | string): never {
  throw new CommonError({ code: "NETLINK_REFUSED", operation, errno: typeof errno === "string" ? errno : errnoName(errno) });
}
