import assert from "node:assert/strict";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import { diffIpvs } from "./diff.ts";
import type { Destination, IpvsService, IpvsState } from "./state.ts";
import type { IpvsOp, IpvsTable } from "./table.ts";

export interface IpvsCase {
  readonly name: string;
  /** Starts with an empty table. */
  readonly run: (table: IpvsTable) => Promise<void>;
}

/** A state in short: weight by target, the scheduler, and `s` seconds of affinity. */
export function ipvsStateOf(services: Readonly<Record<string, { t: Readonly<Record<string, number>>; by?: string; s?: number }>>): IpvsState {
  const destinationOf = (weight: number): Destination => ({ weight, connections: 0, masqueraded: true });
  return new Map(
    Object.entries(services).map(([key, { t, by = "rr", s }]) => {
      const destinations = new Map(Object.entries(t).map(([target, weight]) => [target as TargetKey, destinationOf(weight)]));
      const service: IpvsService = { scheduler: by, destinations, ...(s === undefined ? {} : { affinitySeconds: s }) };
      return [key as ServerKey, service];
    }),
  );
}

const pods = (count: number, from = 1, weight = 1): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`10.20.${(from + i) >> 8}.${(from + i) & 255}:8080`, weight]));
const pods6 = (count: number): Record<string, number> => Object.fromEntries(Array.from({ length: count }, (_, i) => [`[fd00:20::${i + 1}]:8080`, 1]));
const [web, web6, dns, sctp] = ["tcp/172.31.0.7:80", "tcp/[fd00:31::7]:80", "udp/172.31.0.10:53", "sctp/172.31.0.7:99"];
const target = "10.20.0.1:8080" as TargetKey;

/** Forms that services can have, and everything that may stand beside them. */
export const ipvsStates: readonly (readonly [name: string, state: IpvsState])[] = [
  ["nothing", new Map()],
  ["a service without destinations", ipvsStateOf({ [web]: { t: {} } })],
  ["both families and all transports", ipvsStateOf({ [web]: { t: pods(2) }, [web6]: { t: pods6(2) }, [dns]: { t: pods(1, 9) }, [sctp]: { t: pods(1, 5) } })],
  ["one that drains beside new ones", ipvsStateOf({ [web]: { t: { ...pods(1, 1, 0), ...pods(2, 7) } } })],
  ["other destinations", ipvsStateOf({ [web]: { t: pods(3, 2) }, [web6]: { t: pods6(1) } })],
  ["affinity", ipvsStateOf({ [web]: { t: pods(2), s: 10_800 }, [web6]: { t: pods6(1), s: 60 } })],
  ["affinity for longer, and by another scheduler", ipvsStateOf({ [web]: { t: pods(2), s: 86_400, by: "wlc" }, [web6]: { t: pods6(1) } })],
  ["all hashing schedulers", ipvsStateOf({ [web]: { t: pods(2), by: "sh" }, [web6]: { t: pods6(2), by: "mh" }, [dns]: { t: pods(2), by: "dh" } })],
  ["all counting schedulers", ipvsStateOf({ [web]: { t: pods(2), by: "wrr" }, [web6]: { t: pods6(2), by: "lc" }, [dns]: { t: pods(2), by: "wlc" } })],
  ["two hundred destinations", ipvsStateOf({ [web]: { t: pods(200, 100) } })],
  ["more than fits into one datagram", ipvsStateOf(Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`tcp/172.31.${1 + (i >> 8)}.${i & 255}:80`, { t: pods(3, i) }])))],
];

/** Order and connections say nothing. */
function plain(state: IpvsState): string[] {
  const lines = [...state].map(([key, { scheduler, affinitySeconds, altered, destinations }]) => {
    const ends = [...destinations].map(([end, { weight, masqueraded }]) => `${end}=${weight}${masqueraded ? "" : " foreign"}`);
    return `${key} ${scheduler} ${affinitySeconds ?? ""}${altered ? " altered" : ""} ${ends.toSorted().join(" ")}`;
  });
  return lines.toSorted();
}

async function move(table: IpvsTable, from: IpvsState, to: IpvsState, way = ""): Promise<void> {
  const { failed } = await table.apply(diffIpvs(from, to));
  assert.deepEqual(failed, [], way);
  assert.deepEqual(plain(await table.list()), plain(to), way);
}

async function applied(table: IpvsTable, ...ops: IpvsOp[]): Promise<void> {
  assert.deepEqual((await table.apply(ops)).failed, []);
}

const settings = { scheduler: "rr" };
const service = web as ServerKey;
const [, second] = ipvsStates[2] ?? assert.fail();

/** Every adapter of `IpvsTable` behaves like this. */
export const ipvsContract: readonly IpvsCase[] = [
  {
    name: "goes from every state to the next, and back from the last to the first",
    async run(table) {
      for (const [i, [name, to]] of ipvsStates.entries()) {
        const [before, from] = ipvsStates[i - 1] ?? ["no table", new Map()];
        await move(table, from, to, `from ${before} to ${name}`);
      }
      await move(table, ipvsStates.at(-1)?.[1] ?? new Map(), second, "back");
      await move(table, second, new Map(), "to nothing");
    },
  },
  {
    name: "reads one service as it lists it, and none where there is none",
    async run(table) {
      assert.equal(await table.read(service), undefined);
      await move(table, new Map(), second);
      for (const key of [web, web6, dns, sctp] as ServerKey[]) {
        const listed = (await table.list()).get(key);
        const read = await table.read(key);
        assert.ok(listed && read);
        assert.deepEqual(plain(new Map([[key, read]])), plain(new Map([[key, listed]])));
      }
      assert.equal(await table.read("tcp/172.31.0.7:81" as ServerKey), undefined);
    },
  },
  {
    name: "adds what is there already by changing it",
    async run(table) {
      await applied(table, { kind: "add-service", service, settings }, { kind: "add-destination", service, target, weight: 1 });
      await applied(table, { kind: "add-service", service, settings: { scheduler: "lc", affinitySeconds: 60 } }, { kind: "add-destination", service, target, weight: 0 });
      assert.deepEqual(plain(await table.list()), plain(ipvsStateOf({ [web]: { t: pods(1, 1, 0), by: "lc", s: 60 } })));
    },
  },
  {
    name: "changes what is not there by adding it, and deletes what is not there by leaving it so",
    async run(table) {
      await applied(table, { kind: "delete-service", service }, { kind: "delete-destination", service, target });
      await applied(table, { kind: "edit-service", service, settings });
      await applied(table, { kind: "edit-destination", service, target, weight: 1 }, { kind: "delete-destination", service, target: "10.20.0.2:8080" as TargetKey });
      assert.deepEqual(plain(await table.list()), plain(ipvsStateOf({ [web]: { t: pods(1) } })));
    },
  },
  {
    name: "returns what stays refused, and applies the rest",
    async run(table) {
      const lost: IpvsOp = { kind: "add-destination", service: "tcp/172.31.0.8:80" as ServerKey, target, weight: 1 };
      const ops: IpvsOp[] = [
        { kind: "add-service", service, settings },
        lost,
        { kind: "add-destination", service, target, weight: 1 },
        { kind: "add-service", service: "tcp/172.31.0.9:80" as ServerKey, settings: { scheduler: "none-such" } },
        { kind: "add-destination", service, target: "10.20.0.2:8080" as TargetKey, weight: 1 },
      ];
      const { done, failed } = await table.apply(ops);
      assert.deepEqual(failed.map(({ op }) => op), [ops[1], ops[3]]);
      assert.ok(failed.every(({ errno }) => errno !== ""));
      assert.deepEqual(done, [ops[0], ops[2], ops[4]]);
      assert.deepEqual(plain(await table.list()), plain(ipvsStateOf({ [web]: { t: pods(2) } })));
    },
  },
  {
    name: "does nothing when there is nothing to do",
    async run(table) {
      assert.deepEqual(await table.apply([]), { done: [], failed: [] });
      assert.deepEqual(await table.list(), new Map());
    },
  },
];
