import { readFileSync, writeFileSync } from "node:fs";
import { numberOf, parseAddress } from "@sdn-tunnel/common/net/address";
import { parseProc } from "@sdn-tunnel/proxy/ipvs/proc";
import type { IpvsState } from "@sdn-tunnel/proxy/ipvs/state";
import type { IpvsOp, IpvsTable } from "@sdn-tunnel/proxy/ipvs/table";

/** Stands in for a kernel whose table is filled once: a file in the form of `/proc/net/ip_vs`, so that this process holds none of it. */
export class FiledTable implements IpvsTable {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    writeFileSync(path, "");
  }

  async list(): Promise<IpvsState> {
    return parseProc(readFileSync(this.#path, "latin1"));
  }

  async read(): Promise<never> {
    throw new Error("Cannot read one service: nothing is refused here");
  }

  async apply(ops: readonly IpvsOp[]): Promise<{ done: readonly IpvsOp[]; failed: [] }> {
    const lines = new Map<string, string[]>();
    for (const op of ops) {
      if (op.kind === "add-service") lines.set(op.service, [`TCP  ${hexOf(op.service.slice("tcp/".length))} ${op.settings.scheduler} `]);
      else if (op.kind === "add-destination") lines.get(op.service)?.push(`  -> ${hexOf(op.target)}      Masq    ${op.weight}      0          0`);
      else throw new Error(`Cannot apply ${op.kind}: the table is filled once, and then stays`);
    }
    if (ops.length > 0) writeFileSync(this.#path, [...lines.values()].flat().join("\n"));
    return { done: ops, failed: [] };
  }
}

/** `172.31.0.7:80` as the file shows it: `AC1F0007:0050`. */
function hexOf(socket: string): string {
  const [address = "", port] = socket.split(":");
  const digits = (value: bigint | number, width: number): string => value.toString(16).toUpperCase().padStart(width, "0");
  return `${digits(numberOf(parseAddress(address)), 8)}:${digits(Number(port), 4)}`;
}
