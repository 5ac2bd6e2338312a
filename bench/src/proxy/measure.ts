import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import { NftablesBackend } from "@sdn-tunnel/proxy/nftables/backend";
import { KernelNftTable } from "@sdn-tunnel/proxy/nftables/kernel";
import { nothing } from "@sdn-tunnel/proxy/services/backend";
import type { BackendState } from "@sdn-tunnel/proxy/services/backend";
import { diffServers } from "@sdn-tunnel/proxy/services/diff";
import { median } from "../report/median.ts";
import { firstServer, grown, stateOf } from "./state.ts";

/** One row: what was done at how many Services, by us and by bare nft. */
export interface Row {
  readonly what: string;
  readonly services: number;
  /** Median milliseconds. */
  readonly ours: number;
  /** The same by `nft -f`, where there is such a thing. */
  readonly bare?: number;
}

/** Times that one thing is measured; a cold load takes most of a second at 10,000 Services. */
const LOADS = 5;
const READS = 3;
const CHANGES = 21;

const commands = createCommandRunner();
const backend = new NftablesBackend(new KernelNftTable(commands));

/** Measures at each number of Services. */
export async function measure(sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const services of sizes) rows.push(...(await measureAt(services)));
  await backend.remove();
  return rows;
}

async function measureAt(services: number): Promise<Row[]> {
  const state = stateOf(services);
  const script = backend.show(diffServers(nothing, state));
  const [bareLoads, loads]: [number[], number[]] = [[], []];
  for (let i = 0; i < LOADS; i++) {
    await empty();
    bareLoads.push(await timed(() => commands.run(["nft", "-f", "-"], { input: script, timeoutMs: 60_000 })));
    await empty();
    loads.push(await timed(() => applied(nothing, state)));
  }
  const [bareReads, reads]: [number[], number[]] = [[], []];
  for (let i = 0; i < READS; i++) {
    bareReads.push(await timed(() => commands.run(["nft", "-j", "list", "table", "inet", "sdn_proxy"])));
    reads.push(await timed(async () => diffServers(await backend.list(), state)));
  }
  const changes = await measureChange(services, state);
  return [
    { what: "cold load", services, ours: median(loads), bare: median(bareLoads) },
    { what: "restart, nothing changed: read and diff", services, ours: median(reads), bare: median(bareReads) },
    changes,
  ];
}

/** One endpoint more and one less, until the kernel has acknowledged, beside nft with the same few elements. */
async function measureChange(services: number, state: BackendState): Promise<Row> {
  const more = grown(state);
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let i = 0; i < CHANGES; i++) {
    ours.push(await timed(() => applied(only(state), only(more))));
    ours.push(await timed(() => applied(only(more), only(state))));
    for (const element of ["add element inet sdn_proxy ep4_9 { 172.31.255.1 . tcp . 1 : 10.0.0.1 . 1 }\n", "delete element inet sdn_proxy ep4_9 { 172.31.255.1 . tcp . 1 }\n"])
      bare.push(await timed(() => commands.run(["nft", "-f", "-"], { input: element })));
  }
  return { what: "one endpoint more or less, acknowledged", services, ours: median(ours), bare: median(bare) };
}

/** The part of a state that an event pass looks at. */
function only(state: BackendState): BackendState {
  const server = state.servers.get(firstServer);
  return { prefixes: new Set(), servers: new Map(server ? [[firstServer, server]] : []) };
}

async function applied(from: BackendState, to: BackendState): Promise<void> {
  const { failed } = await backend.apply(diffServers(from, to));
  if (failed[0]) throw new Error(`Cannot measure: ${failed[0].reason}`);
}

async function empty(): Promise<void> {
  await backend.remove();
  await backend.list();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
