import { readFileSync } from "node:fs";
import type { BedNode, Place } from "./node.netns.ts";

// How the cases of the bed look at it.
interface Looked {
  readonly host: Place;
  readonly spec: { readonly name: string; readonly work: string };
}

/** Who the server saw: its answer is the client's address. */
export const seenBy = (place: Place, host: string, flags = ""): string =>
  place.run(`curl -sS -g -m 1 http://${host}:8080 ${flags}`).replace("::ffff:", "");

export const reaches = (place: Place, host: string): boolean => seenBy(place, host) !== "";

/** The node's health.json. */
export const health = ({ spec }: Looked) =>
  JSON.parse(readFileSync(`${spec.work}/run-${spec.name}/health.json`, "utf8")) as { clusters: Record<string, Record<string, { up: boolean; reason?: string }>> };

export const status = ({ host }: Looked): string => host.run("curl -sS -m 2 http://127.0.0.1:9565/status");

/** Everything of ours that the node's kernel has. */
export const kernel = ({ host }: Looked): string =>
  host.run("ip -4 route show table 5555; ip -6 route show table 5555; ip -4 rule; ip -6 rule; nft list tables inet; wg show sdn-wg-a peers");

/** What wireguard-go was told so far, beside questions. */
export function uapiWrites({ spec }: Looked): number {
  return readFileSync(`${spec.work}/wireguard-${spec.name}.log`, "utf8").split("UAPI:").length;
}

export function report(what: string, ms: number): void {
  process.stderr.write(`${what}: ${Math.round(ms)} ms\n`);
}

/** Stops the nodes' agents meanwhile: they would put back at once what is taken away. */
export async function withoutAgents(nodes: readonly BedNode[], run: () => void): Promise<void> {
  for (const { daemon } of nodes) daemon?.kill("SIGSTOP");
  try {
    run();
  } finally {
    for (const { daemon } of nodes) daemon?.kill("SIGCONT");
  }
}
