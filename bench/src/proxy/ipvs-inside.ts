import { execFileSync } from "node:child_process";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import { GenericNetlink } from "@sdn-tunnel/common/kernel/generic";
import { openGenericSocket } from "@sdn-tunnel/common/kernel/socket";
import { IpvsBackend } from "@sdn-tunnel/proxy/ipvs/backend";
import { diffIpvs } from "@sdn-tunnel/proxy/ipvs/diff";
import { NetlinkIpvsTable } from "@sdn-tunnel/proxy/ipvs/netlink-table";
import { NftGuardTable } from "@sdn-tunnel/proxy/ipvs/nft-guard";
import { planChanges } from "@sdn-tunnel/proxy/ipvs/plan-changes";
import { showIpvsOp } from "@sdn-tunnel/proxy/ipvs/table";
import type { IpvsOp, IpvsTable } from "@sdn-tunnel/proxy/ipvs/table";
import { nothing } from "@sdn-tunnel/proxy/services/backend";
import { diffServers } from "@sdn-tunnel/proxy/services/diff";
import { firstServer, grown, stateOf } from "./state.ts";

// Started by ipvs.ts in the VM, each time in a network namespace of its own: `ipvs-inside.mjs ours|bare|change SERVICES`.
// Prints one line of JSON.

const [mode = "", count = ""] = process.argv.slice(2);
const services = Number(count);
const state = stateOf(services);
const table = new NetlinkIpvsTable(new GenericNetlink(openGenericSocket), openGenericSocket);

/** A finished plan: what a cold start has to do. */
function coldPlan(): IpvsOp[] {
  const { desired } = planChanges(diffServers(nothing, state), new Map(), new Set());
  return diffIpvs(new Map(), desired);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function ours(): Promise<Record<string, number>> {
  const plan = coldPlan();
  const ms = await timed(async () => {
    const { failed } = await table.apply(plan);
    if (failed[0]) throw new Error(`Cannot measure: ${showIpvsOp(failed[0].op)}: ${failed[0].errno}`);
  });
  return { ms, ops: plan.length, held: held(), rssMB: process.memoryUsage.rss() / 2 ** 20 };
}

async function bare(): Promise<Record<string, number>> {
  const input = coldPlan().map((op) => `${showIpvsOp(op)}\n`).join("");
  const commands = createCommandRunner();
  return { ms: await timed(() => commands.run(["ipvsadm", "-R"], { input, timeoutMs: 300_000 })), held: held() };
}

/** One endpoint more and one less, until the kernel has acknowledged, with everything else in place. */
async function change(): Promise<Record<string, number>> {
  const counts = { ops: 0, transactions: 0 };
  const counting: IpvsTable = { list: () => table.list(), read: (key) => table.read(key), apply: (ops) => ((counts.ops += ops.length), table.apply(ops)) };
  const nft = new NftGuardTable(createCommandRunner());
  const guard = { read: () => nft.read(), commit: (what: Parameters<typeof nft.commit>[0]) => (counts.transactions++, nft.commit(what)) };
  const settings = { ensure: async () => {}, remove: async () => {} };
  const backend = new IpvsBackend({ table: counting, guard, settings, ownPrefixes: async () => [...state.prefixes], now: () => Date.now() });
  await backend.apply(diffServers(await backend.list(), state));
  const readMs = await timed(async () => diffServers(await backend.list(), state));
  const [before, after] = [state, grown(state)].map(({ servers }) => ({ prefixes: nothing.prefixes, servers: new Map([[firstServer, servers.get(firstServer)!]]) }));
  Object.assign(counts, { ops: 0, transactions: 0 });
  const times: number[] = [];
  for (let i = 0; i < 41; i++) times.push(await timed(() => backend.apply(i % 2 === 0 ? diffServers(before!, after!) : diffServers(after!, before!))));
  return { ms: times.toSorted((a, b) => a - b)[20]!, opsPerChange: counts.ops / 41, transactions: counts.transactions, readMs };
}

/** Services and destinations that the kernel really holds. */
const held = (): number => execFileSync("ipvsadm", ["-Sn"], { encoding: "utf8", maxBuffer: 2 ** 28 }).trim().split("\n").length;

execFileSync("ip", ["link", "set", "lo", "up"]);
const modes: Readonly<Record<string, () => Promise<Record<string, number>>>> = { ours, bare, change };
const result = await modes[mode]?.();
process.stdout.write(`${JSON.stringify({ mode, services, ...result })}\n`, () => process.exit());
