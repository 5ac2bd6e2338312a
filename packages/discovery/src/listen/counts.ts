import type { CounterMetric } from "@sdn-tunnel/common/daemon/metrics";
import type { Client, DropReason, Tally } from "./answering.ts";

/** Names of the types that are counted by themselves, by number; all others are "other". */
const TYPES: Readonly<Record<number, string>> = {
  1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 64: "SVCB", 65: "HTTPS", 255: "ANY",
};
const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

/** Types beyond this number share one cell. */
const CELLS = 257;

/** Counts queries in an array, and hands the sums to the metrics when asked: a labelled counter costs as much as an answer. */
export class Counts implements Tally {
  readonly #cells = new Uint32Array(4 * CELLS * 16);
  readonly #bytes = { udp: 0, tcp: 0 };
  readonly #drops = new Map<string, { proto: string; reason: DropReason; count: number }>();

  answered({ transport, family }: Client, type: number, rcode: number, bytes: number): void {
    const client = (transport === "udp" ? 0 : 2) + (family === 4 ? 0 : 1);
    const cell = (client * CELLS + (type < CELLS ? type : CELLS - 1)) * 16 + rcode;
    this.#cells[cell] = (this.#cells[cell] as number) + 1;
    this.#bytes[transport] += bytes;
  }

  dropped({ transport }: Client, reason: DropReason): void {
    const key = `${transport} ${reason}`;
    const entry = this.#drops.get(key) ?? { proto: transport, reason, count: 0 };
    entry.count++;
    this.#drops.set(key, entry);
  }

  /** Moves what was counted since the last call into the metrics. */
  flush(metrics: { requests: CounterMetric; responseBytes: CounterMetric; dropped: CounterMetric }): void {
    for (const [cell, count] of this.#cells.entries()) {
      if (count === 0) continue;
      this.#cells[cell] = 0;
      metrics.requests.inc(labelsOf(cell), count);
    }
    for (const proto of ["udp", "tcp"] as const) {
      if (this.#bytes[proto] > 0) metrics.responseBytes.inc({ proto }, this.#bytes[proto]);
      this.#bytes[proto] = 0;
    }
    for (const { proto, reason, count } of this.#drops.values()) metrics.dropped.inc({ proto, reason }, count);
    this.#drops.clear();
  }
}

function labelsOf(cell: number): Record<string, string> {
  const rcode = RCODES[cell % 16] ?? "other";
  const type = Math.floor(cell / 16) % CELLS;
  const client = Math.floor(cell / 16 / CELLS);
  return { proto: client < 2 ? "udp" : "tcp", family: client % 2 === 0 ? "ipv4" : "ipv6", type: TYPES[type] ?? "other", rcode };
}
