import { createNetlink, FlagsGet, Protocol } from "netlink";
import type { NetlinkSocket } from "netlink";
import { messageOf } from "@sdn-tunnel/common/errors";
import { ProxyError } from "../errors.ts";

const TIMEOUT_MS = 10_000;
const BUFFER = 1 << 20;

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
  readonly #socket: NetlinkSocket;
  /** The library assembles long answers per socket and not per request, so requests go one by one. */
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    const sizes = { msgBufferSize: 65_536, recvBufferSize: BUFFER, sendBufferSize: BUFFER };
    this.#socket = createNetlink(Protocol.NETFILTER, { ref: false, messagePeeking: false, ...sizes });
  }

  /**
   * Resolves to the payloads of the answers.
   *
   * @throws {ProxyError} `NETFILTER_REFUSED` with the errno's name
   */
  async request(request: NetfilterRequest): Promise<Buffer[]> {
    const mine = this.#last.then(() => this.#request(request));
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #request({ type, data, dump = false, operation }: NetfilterRequest): Promise<Buffer[]> {
    try {
      const [answers] = await this.#socket.request(type, data, { flags: dump ? FlagsGet.DUMP : 0, timeout: TIMEOUT_MS });
      return answers.map((answer) => answer.data);
    } catch (error) {
      // The library rejects with the text `Request rejected: ENOENT`.
      const errno = /^Request rejected: (\w+)$/.exec(messageOf(error))?.[1] ?? messageOf(error);
      throw new ProxyError({ code: "NETFILTER_REFUSED", operation, errno }, { cause: error });
    }
  }
}
