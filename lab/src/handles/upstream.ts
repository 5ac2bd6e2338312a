import { labProgram } from "../processes/node-program.ts";
import { OUTSIDE } from "../topology/addresses.ts";
import { Machine } from "./machine.ts";

/** A question that reached the DNS server of the outside world. */
export interface UpstreamQuery {
  readonly name: string;
  readonly type: string;
  readonly transport: "udp" | "tcp";
  readonly client: string;
}

/** The DNS server in a cluster's node network that knows the outside world: every name in `outside.example`. */
export class LabUpstream extends Machine {
  async start(): Promise<void> {
    const { argv, env } = labProgram("upstream", ["--v4", OUTSIDE.host.v4, "--v6", OUTSIDE.host.v6]);
    await this.startDaemon("dns", argv, { env, ready: /^ready$/m });
  }

  /** The questions so far, in order. */
  queries(): UpstreamQuery[] {
    const lines = this.daemon("dns")?.log.split("\n") ?? [];
    return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as UpstreamQuery);
  }
}
