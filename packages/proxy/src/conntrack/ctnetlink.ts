import type { NetfilterSocket } from "../netfilter/socket.ts";
import { isAbsent } from "../errors.ts";
import { decodeFlow, encodeUdpQuery } from "./codec.ts";
import type { Conntrack, Flow } from "./conntrack.ts";

/** NFNL_SUBSYS_CTNETLINK with IPCTNL_MSG_CT_GET and _DELETE (linux/netfilter/nfnetlink_conntrack.h). */
const [GET, DELETE] = [0x101, 0x102];
/** AF_INET and AF_INET6 of socket(2). */
const families = [2, 10];

/** Connection tracking of this network namespace, by ctnetlink. */
export class KernelConntrack implements Conntrack {
  readonly #socket: Pick<NetfilterSocket, "request">;

  constructor(socket: Pick<NetfilterSocket, "request">) {
    this.#socket = socket;
  }

  async listUdp(): Promise<Flow[]> {
    const flows: Flow[] = [];
    for (const family of families) {
      const query = { type: GET, data: encodeUdpQuery(family), dump: true, operation: "conntrack -L -p udp" };
      for (const answer of await this.#socket.request(query)) {
        const flow = decodeFlow(answer);
        if (flow) flows.push({ server: flow.server, target: flow.target, handle: flow.name });
      }
    }
    return flows;
  }

  async forget(flows: readonly Flow[]): Promise<void> {
    const refusals: unknown[] = [];
    for (const { server, handle } of flows) {
      const request = { type: DELETE, data: handle as Uint8Array, operation: `conntrack -D, flow to ${server}` };
      await this.#socket.request(request).catch((error: unknown) => {
        if (!isAbsent(error)) refusals.push(error); // ended by itself meanwhile
      });
    }
    if (refusals.length > 0) throw refusals[0];
  }
}
