import assert from "node:assert/strict";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { nothing } from "../services/backend.ts";
import type { BackendState } from "../services/backend.ts";
import { diffServers } from "../services/diff.ts";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import { NftablesBackend } from "./backend.ts";
import { readState } from "./state.ts";
import type { NftOp, NftTable } from "./table.ts";

export interface NftCase {
  readonly name: string;
  /** Starts without a table. */
  readonly run: (table: NftTable) => Promise<void>;
}

/** A state in short: `targets` targets per server, and with `s` seconds of affinity. */
export function stateOf(prefixes: readonly string[], servers: Readonly<Record<string, { t: readonly string[]; s?: number }>>): BackendState {
  const entries = Object.entries(servers).map(([key, { t, s }]) => {
    const affinity = s === undefined ? {} : { affinitySeconds: s };
    return [key as ServerKey, { targets: t as TargetKey[], ...affinity }] as const;
  });
  return { prefixes: new Set(prefixes.map(parsePrefix)), servers: new Map(entries) };
}

const pods = (count: number, from = 1): string[] => Array.from({ length: count }, (_, i) => `10.20.${(from + i) >> 8}.${(from + i) & 255}:8080`);
const pods6 = (count: number, from = 1): string[] => Array.from({ length: count }, (_, i) => `[fd00:20::${(from + i).toString(16)}]:8080`);
const cidrs = ["172.31.0.0/16", "fd00:31::/64"];
const [a, a6, dns] = ["tcp/172.31.0.7:8080", "tcp/[fd00:31::7]:8080", "udp/172.31.0.10:53"];

/** Forms that a server can have, and everything that may stand beside it. */
export const states: readonly (readonly [name: string, state: BackendState])[] = [
  ["nothing", nothing],
  ["guarded prefixes without a server", stateOf(cidrs, {})],
  ["one target in both families", stateOf(cidrs, { [a]: { t: pods(1) }, [a6]: { t: pods6(1) } })],
  ["three targets, and UDP", stateOf(cidrs, { [a]: { t: pods(3) }, [dns]: { t: pods(2, 40) }, [a6]: { t: pods6(3) } })],
  ["other targets", stateOf(cidrs, { [a]: { t: pods(3, 2) }, "sctp/172.31.0.7:99": { t: pods(1, 9) } })],
  ["as many as are flat", stateOf(cidrs, { [a]: { t: pods(32) } })],
  ["one more than is flat", stateOf(cidrs, { [a]: { t: pods(33) }, [a6]: { t: pods6(33) } })],
  ["a thousand targets", stateOf(cidrs, { [a]: { t: pods(1000, 40) } })],
  ["affinity", stateOf(cidrs, { [a]: { t: pods(2), s: 10_800 }, [a6]: { t: pods6(2), s: 60 } })],
  ["affinity to others, for longer", stateOf(cidrs, { [a]: { t: pods(2, 2), s: 20_000 }, [a6]: { t: pods6(1, 2), s: 60 } })],
  ["narrower prefixes", stateOf(["172.31.0.0/17", "fd00:31::/65", "172.30.9.1/32"], { [a]: { t: pods(1) } })],
];

async function move(backend: NftablesBackend, to: BackendState): Promise<void> {
  const { failed } = await backend.apply(diffServers(await backend.list(), to));
  assert.deepEqual(failed, []);
}

async function holds(table: NftTable, want: BackendState): Promise<void> {
  const { prefixes, servers, remains } = readState(await table.read());
  assert.deepEqual(diffServers({ prefixes, servers }, want), []);
  assert.equal(remains.size, 0);
}

async function refuses(table: NftTable, ops: readonly NftOp[]): Promise<void> {
  const before = await table.read();
  await assert.rejects(table.commit(ops));
  assert.deepEqual(await table.read(), before);
}

const key = "172.31.0.7 . tcp . 8080";
const element = (map: string, value: string): NftOp => ({ kind: "add-element", map, key, value });

/** From each state to each later one, back, and on: every transition once, without starting from nothing each time. */
const walk = states.flatMap((from, i) => [from, ...states.slice(i + 1).flatMap((to) => [to, from])]);

/** Every adapter of `NftTable` behaves like this. */
export const nftContract: readonly NftCase[] = [
  {
    name: "has no table at first, and none after a drop",
    async run(table) {
      assert.equal(await table.read(), undefined);
      await table.commit([{ kind: "build" }]);
      assert.equal(readState(await table.read()).intact, true);
      await table.commit([{ kind: "drop" }]);
      await table.commit([{ kind: "drop" }]);
      assert.equal(await table.read(), undefined);
    },
  },
  {
    name: "goes from every state to every other",
    async run(table) {
      const backend = new NftablesBackend(table);
      let observed = await backend.list();
      for (const [i, [name, state]] of walk.entries()) {
        const way = `from ${walk[i - 1]?.[0] ?? "no table"} to ${name}`;
        assert.deepEqual((await backend.apply(diffServers(observed, state))).failed, [], way);
        observed = await backend.list();
        assert.deepEqual(diffServers(observed, state), [], way);
      }
      await holds(table, walk.at(-1)?.[1] ?? nothing);
    },
  },
  {
    name: "takes a transaction as a whole or not at all",
    async run(table) {
      await refuses(table, [element("svc4", "goto n4_1")]);
      await table.commit([{ kind: "build" }, element("ep4_0", "10.20.0.1 . 8080")]);
      await refuses(table, [element("svc4", "goto n4_1"), { kind: "delete-element", map: "ep4_1", key }]);
      await refuses(table, [element("ep4_0", "10.20.0.2 . 8080")]);
      await refuses(table, [element("svc4", "goto n4_33")]);
      await refuses(table, [element("ep4_32", "10.20.0.2 . 8080")]);
      await refuses(table, [{ kind: "delete-set", set: "sticky/tcp/172.31.0.7/8080/60/10.20.0.1/8080" }]);
    },
  },
  {
    name: "keeps what something leads to",
    async run(table) {
      await move(new NftablesBackend(table), stateOf(cidrs, { [a]: { t: pods(1), s: 60 }, [dns]: { t: pods(33) } }));
      await refuses(table, [{ kind: "delete-chain", chain: "wide/udp/172.31.0.10/53" }]);
      await refuses(table, [{ kind: "delete-chain", chain: "sticky/tcp/172.31.0.7/8080/60/10.20.0.1/8080" }]);
      await refuses(table, [{ kind: "delete-set", set: "sticky/tcp/172.31.0.7/8080/60/10.20.0.1/8080" }]);
    },
  },
  {
    name: "shows damage of a server, which a full pass repairs or removes",
    async run(table) {
      const want = stateOf(cidrs, { [a]: { t: pods(3) }, [a6]: { t: pods6(2), s: 60 }, [dns]: { t: pods(70) } });
      const damages: NftOp[][] = [
        [{ kind: "delete-element", map: "ep4_1", key }],
        [{ kind: "delete-element", map: "svc4", key }],
        [element("ep4_7", "10.66.0.1 . 80")],
        [{ kind: "write-chain", chain: "sticky/tcp/fd00_31__7/8080", rules: ["accept"] }],
        [{ kind: "delete-element", map: "svc4", key: "172.31.0.10 . udp . 53" }],
        [element("ep4_5", "10.66.0.1 . 80"), { kind: "write-chain", chain: "wide/tcp/172.31.9.9/1", rules: ["accept"] }],
      ];
      for (const damage of damages) {
        const backend = new NftablesBackend(table);
        await move(backend, want);
        await table.commit(damage);
        assert.ok(readState(await table.read()).remains.size > 0);
        await move(backend, want);
        await holds(table, want);
        await table.commit(damage);
        await move(backend, nothing);
        await holds(table, nothing);
      }
    },
  },
  {
    name: "shows a damaged or foreign layout, which is built anew",
    async run(table) {
      const [, want] = states[3] ?? assert.fail();
      const damages: NftOp[] = [
        { kind: "write-chain", chain: "guard", rules: [] },
        { kind: "write-chain", chain: "stranger", rules: ["accept"] },
        { kind: "add-client-set", set: "stranger", type: "ipv4_addr", seconds: 60 },
      ];
      for (const damage of damages) {
        const backend = new NftablesBackend(table);
        await move(backend, want);
        await table.commit([damage]);
        assert.equal(readState(await table.read()).intact, false);
        await move(backend, want);
        await holds(table, want);
        await table.commit([damage]);
        await move(backend, nothing);
        assert.equal(readState(await table.read()).intact, true);
      }
    },
  },
];
