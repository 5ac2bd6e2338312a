import { NetlinkDoor, refusalOf } from "@sdn-tunnel/common/kernel/door";
import type { DatagramSocket } from "@sdn-tunnel/common/kernel/exchange";
import { openNetfilterSocket } from "@sdn-tunnel/common/kernel/socket";
import { ProxyError } from "../errors.ts";

export interface NetfilterRequest {
  /** Subsystem and message: `NFNL_SUBSYS_… << 8 | …` (linux/netfilter/nfnetlink.h). */
  readonly type: number;
  /** `struct nfgenmsg` and attributes. */
  readonly data: Uint8Array;
  /** Whether every object is asked for, not one (NLM_F_DUMP). */
  readonly dump?: boolean;
  /** The request as a human would type it, for the error. */
  readonly operation: string;
}

/** The kernel's nfnetlink door in this network namespace: no process per request, and no tool to be installed. */
export class NetfilterSocket implements Disposable {
  readonly #door: NetlinkDoor;

  /** @param timeoutMs silence after which an answer will not come */
  constructor(openSocket: () => DatagramSocket = openNetfilterSocket, timeoutMs?: number) {
    this.#door = new NetlinkDoor(openSocket, timeoutMs);
  }

  /**
   * Resolves to the payloads of the answers, all of them.
   *
   * @throws {ProxyError} `NETFILTER_REFUSED` with the errno's name
   */
  async request({ type, data, dump = false, operation }: NetfilterRequest): Promise<readonly Buffer[]> {
    try {
      return await this.#door[dump ? "dump" : "request"]({ type, payload: Buffer.from(data) }, operation);
    } catch (error) {
      const errno = refusalOf(error);
      if (errno === undefined) throw error;
      throw new ProxyError({ code: "NETFILTER_REFUSED", operation, errno }, { cause: error });
    }
  }

  [Symbol.dispose](): void {
    this.#door[Symbol.dispose]();
  }
}
