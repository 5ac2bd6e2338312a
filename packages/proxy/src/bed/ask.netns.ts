import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Agent, Bed } from "./bed.netns.ts";
import { run } from "./bed.netns.ts";
import type { Subject } from "./subject.netns.ts";

/** A case of the data plane: the same for every backend. */
export type DataPlaneCases = Readonly<Record<string, (bed: Bed, proxy: Subject) => Promise<void>>>;

/** By how much time bounds are stretched: an emulated processor is slow. */
const SLOWDOWN = Number(process.env["SDN_SLOWDOWN"] ?? 1);

export const families = [4, 6] as const;
export const client = { 4: "10.10.0.2", 6: "fd00:10::2" } as const;
export const node = { 4: "10.10.0.1", 6: "fd00:10::1" } as const;
export const vip = (n: number, family: 4 | 6): string => (family === 4 ? `172.31.0.${n}` : `fd00:31::${n}`);
export const tcp = (n: number, family: 4 | 6, port = 8080) => ({ do: "ask", host: vip(n, family), port });
export const udp = (n: number, family: 4 | 6, handle?: string, port = 8080) => ({ do: "ask-udp", host: vip(n, family), port, handle });

/** Answers of `times` new connections (or UDP sockets), counted: `{ "p1 10.10.0.2": 9, … }`. */
export async function count(agent: Agent, times: number, order: Record<string, unknown>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < times; i++) {
    const { answer } = await agent.order(order);
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

/** Fails unless exactly these answered, each at least a fifth of its fair share. */
export function balanced(counts: Record<string, number>, want: readonly string[]): void {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  assert.deepEqual(Object.keys(counts).toSorted(), want.toSorted());
  for (const [name, n] of Object.entries(counts)) assert.ok(n >= total / want.length / 5, `${name} got ${n} of ${total}`);
}

/** Every one of fifteen connections is refused, and at once. */
export async function refused(agent: Agent, host: string, port: number): Promise<void> {
  for (let i = 0; i < 15; i++) {
    const { answer, ms } = await agent.order({ do: "ask", host, port });
    assert.equal(answer, "ECONNREFUSED", `connection ${i + 1} to ${host} port ${port}`);
    assert.ok(ms < 500 * SLOWDOWN, `refused after ${ms} ms`);
  }
}

export const nft = (input: string): void => void execFileSync("nft", ["-f", "-"], { input });

/** Somebody else's translation at the usual priority, for packets that pass and for those of the node itself. */
export function natTable(...rules: readonly string[]): void {
  const chains = ["prerouting", "output"].map((hook) => `chain ${hook} {\n type nat hook ${hook} priority -100\n ${rules.join("\n ")}\n }\n`);
  nft(`table inet stranger {\n${chains.join("")}}\n`);
}

/** Everything on this node that a data plane may change. */
export function snapshot(): string {
  const settings = ["conntrack", "expire_nodest_conn", "expire_quiescent_template"].map((name) => readOr("", `/proc/sys/net/ipv4/vs/${name}`));
  const lists = ["nft list ruleset", "ip route show table all", "ip -6 route show table all"].map(run);
  return [...lists, ...settings, ipvsServices()].join("\n");
}

/** The kernel's virtual services; nothing where it has no IPVS. */
export const ipvsServices = (): string => readOr("", "/proc/net/ip_vs").split("\n").filter((line) => /^(TCP|UDP|SCTP|  -> [^R])/.test(line)).join("\n");

const readOr = (otherwise: string, path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : otherwise);
