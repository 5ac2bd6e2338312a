import { createNetlink, FlagsGet, Protocol } from "netlink";
import type { NetlinkSocket } from "netlink";
import { messageOf } from "@sdn-tunnel/common/errors";
import { ProxyError } from "../errors.ts";
import { decodeFlow, encodeUdpQuery } from "./codec.ts";
import type { Conntrack, Flow } from "./conntrack.ts";

/** NFNL_SUBSYS_CTNETLINK with IPCTNL_MSG_CT_GET and _DELETE (linux/netfilter/nfnetlink_conntrack.h). */
const [GET, DELETE] = [0x101, 0x102];
/** AF_INET and AF_INET6 of socket(2). */
const families = [2, 10];
const TIMEOUT_MS = 10_000;
const BUFFER = 1 << 20;

/** Connection tracking of this network namespace, by ctnetlink: no process per change, and no tool to be installed. */
export class KernelConntrack implements Conntrack, Disposable {
  readonly #socket: NetlinkSocket;

  constructor() {
    const sizes = { msgBufferSize: 65_536, recvBufferSize: BUFFER, sendBufferSize: BUFFER };
    this.#socket = createNetlink(Protocol.NETFILTER, { ref: false, messagePeeking: false, ...sizes });
  }

  async listUdp(): Promise<Flow[]> {
    const flows: Flow[] = [];
    for (const family of families) {
      const answers = await this.#request(GET, encodeUdpQuery(family), "conntrack -L -p udp", FlagsGet.DUMP);
      for (const { data } of answers) {
        const flow = decodeFlow(data);
        if (flow) flows.push({ server: flow.server, target: flow.target, handle: flow.name });
      }
    }
    return flows;
  }

  async forget(flows: readonly Flow[]): Promise<void> {
    for (const { server, handle } of flows)
      await this.#request(DELETE, handle as Uint8Array, `conntrack -D, flow to ${server}`).catch((error: unknown) => {
        if (!(error instanceof ProxyError && error.fault.code === "CONNTRACK_REFUSED" && error.fault.errno === "ENOENT")) throw error;
      });
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  /** @throws {ProxyError} `CONNTRACK_REFUSED` */
  async #request(type: number, data: Uint8Array, operation: string, flags = 0) {
    try {
      const [answers] = await this.#socket.request(type, data, { flags, timeout: TIMEOUT_MS });
      return answers;
    } catch (error) {
      // The library rejects with the text `Request rejected: ENOENT`.
      const errno = /^Request rejected: (\w+)$/.exec(messageOf(error))?.[1] ?? messageOf(error);
      throw new ProxyError({ code: "CONNTRACK_REFUSED", operation, errno }, { cause: error });
    }
  }
}
