import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { endpointOf } from "./fixtures.ts";
import { removeAll } from "../remove.ts";
import { buildBed, run } from "./bed.netns.ts";
import type { Agent, Bed } from "./bed.netns.ts";
import { dns, http, serviceAt, Subject } from "./subject.netns.ts";

// Runs inside a namespace of its own; see kernel/namespace.ts of common.
const vip = (n: number, family: 4 | 6): string => (family === 4 ? `172.31.0.${n}` : `fd00:31::${n}`);
const families = [4, 6] as const;

/** Answers of `times` new connections (or UDP sockets), counted: `{ "p1 10.10.0.2": 9, … }`. */
async function count(agent: Agent, times: number, order: Record<string, unknown>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < times; i++) {
    const { answer } = await agent.order(order);
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

/** Fails unless exactly these answered, each at least a fifth of its fair share. */
function balanced(counts: Record<string, number>, want: readonly string[]): void {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  assert.deepEqual(Object.keys(counts).toSorted(), want.toSorted());
  for (const [name, n] of Object.entries(counts)) assert.ok(n >= total / want.length / 5, `${name} got ${n} of ${total}`);
}

/** Every one of fifteen connections is refused, and at once. */
async function refused(agent: Agent, host: string, port: number): Promise<void> {
  for (let i = 0; i < 15; i++) {
    const { answer, ms } = await agent.order({ do: "ask", host, port });
    assert.equal(answer, "ECONNREFUSED", `connection ${i + 1} to ${host} port ${port}`);
    assert.ok(ms < 500, `refused after ${ms} ms`);
  }
}

/** Somebody else's translation at the usual priority, for packets that pass and for those of the node itself. */
function natTable(rule: string): void {
  const chains = ["prerouting", "output"].map((hook) => `chain ${hook} {\n type nat hook ${hook} priority -100\n ${rule}\n }\n`);
  execFileSync("nft", ["-f", "-"], { input: `table inet stranger {\n${chains.join("")}}\n` });
}

const client = { 4: "10.10.0.2", 6: "fd00:10::2" } as const;
const node = { 4: "10.10.0.1", 6: "fd00:10::1" } as const;
const tcp = (n: number, family: 4 | 6, port = 8080) => ({ do: "ask", host: vip(n, family), port });
const udp = (n: number, family: 4 | 6, handle?: string) => ({ do: "ask-udp", host: vip(n, family), port: 8080, handle });

const suite: Record<string, (bed: Bed, proxy: Subject) => Promise<void>> = {
  async "balances TCP and UDP over both pods and keeps the client's address"(bed, proxy) {
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    for (const family of families) {
      const want = ["p1", "p2"].map((pod) => `${pod} ${client[family]}`);
      balanced(await count(bed.client, 40, tcp(7, family)), want);
      balanced(await count(bed.client, 40, udp(7, family)), want);
    }
  },
  async "serves clients on the node itself, with the node's own mesh address as source"(bed, proxy) {
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    await proxy.pass();
    for (const family of families) {
      const want = ["p1", "p2"].map((pod) => `${pod} ${node[family]}`);
      balanced(await count(bed.host, 30, tcp(7, family)), want);
      balanced(await count(bed.host, 30, udp(7, family)), want);
    }
  },
  async "leaves the unmapped address to the local cluster"(bed, proxy) {
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    for (const [host, source] of [["172.30.0.7", client[4]], ["fd00:30::7", client[6]]] as const)
      assert.deepEqual(await count(bed.client, 5, { do: "ask", host, port: 8080 }), { [`outside ${source}`]: 5 });
  },
  async "refuses at once: a Service without endpoints, a port without a Service, an address without a Service"(bed, proxy) {
    await proxy.publish({ s7: serviceAt(7, [1, 2]), s8: serviceAt(8, []) });
    await proxy.pass();
    for (const agent of [bed.client, bed.host])
      for (const family of families) {
        await refused(agent, vip(8, family), 8080);
        await refused(agent, vip(7, family), 81);
        await refused(agent, vip(99, family), 8080);
      }
    assert.equal((await bed.client.order(udp(8, 4))).answer, "ECONNREFUSED");
    balanced(await count(bed.client, 30, tcp(7, 4)), ["p1 10.10.0.2", "p2 10.10.0.2"]);
  },
  async "gives a removed endpoint no new connection while an open one goes on, and uses an added one"(bed, proxy) {
    for (const family of families) {
      await proxy.publish({ s7: serviceAt(7, [1]) });
      await bed.client.order({ ...tcp(7, family), handle: "kept" });
      await proxy.publish({ s7: serviceAt(7, [2, 3]) });
      balanced(await count(bed.client, 40, tcp(7, family)), [`p2 ${client[family]}`, `p3 ${client[family]}`]);
      assert.equal((await bed.client.order({ do: "say", handle: "kept" })).answer, `p1 ${client[family]}`);
      await bed.client.order({ do: "close", handle: "kept" });
    }
  },
  async "gives a node that is down nothing new, and refuses when all are down"(bed, proxy) {
    proxy.down.add("west/node-1");
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    assert.deepEqual(await count(bed.client, 20, tcp(7, 4)), { "p2 10.10.0.2": 20 });
    proxy.down.add("west/node-2");
    await proxy.pass(["s7"]);
    await refused(bed.client, vip(7, 4), 8080);
    proxy.down.clear();
    await proxy.pass(["s7"]);
    balanced(await count(bed.client, 40, tcp(7, 4)), ["p1 10.10.0.2", "p2 10.10.0.2"]);
  },
  async "moves a UDP flow when its pod goes, and when the first pod comes"(bed, proxy) {
    for (const family of families) {
      const handle = `udp${family}`;
      await proxy.publish({ s7: serviceAt(7, []) });
      assert.equal((await bed.client.order(udp(7, family, handle))).answer, "ECONNREFUSED");
      await proxy.publish({ s7: serviceAt(7, [1]) });
      assert.equal((await bed.client.order(udp(7, family, handle))).answer, `p1 ${client[family]}`);
      await proxy.publish({ s7: serviceAt(7, [1, 2]) });
      assert.equal((await bed.client.order(udp(7, family, handle))).answer, `p1 ${client[family]}`);
      await proxy.publish({ s7: serviceAt(7, [2]) });
      assert.equal((await bed.client.order(udp(7, family, handle))).answer, `p2 ${client[family]}`);
      await proxy.publish({ s7: undefined });
      assert.equal((await bed.client.order(udp(7, family, handle))).answer, "ECONNREFUSED");
    }
  },
  async "moves a UDP flow that is older than the table"(bed, proxy) {
    await removeAll(proxy.backend, proxy.routing);
    natTable("meta nfproto ipv4 tcp dport 1 dnat ip to 192.0.2.2:1"); // without any, the kernel tracks nothing
    assert.equal((await bed.client.order(udp(7, 4, "old"))).answer, "TIMEOUT");
    await proxy.publish({ s7: serviceAt(7, [1]) });
    await proxy.pass();
    assert.equal((await bed.client.order(udp(7, 4, "old"))).answer, "p1 10.10.0.2");
    run("nft delete table inet stranger");
  },
  async "keeps a client with its pod under affinity, until that pod goes"(bed, proxy) {
    for (const family of families) {
      await proxy.publish({ s7: serviceAt(7, [1, 2], { affinitySeconds: 60 }) });
      const counts = await count(bed.client, 20, tcp(7, family));
      const [first = ""] = Object.keys(counts);
      assert.deepEqual(counts, { [first]: 20 });
      const [taken, other] = first.startsWith("p1") ? [1, 2] : [2, 1];
      await proxy.publish({ s7: serviceAt(7, [taken, 3], { affinitySeconds: 60 }) });
      assert.deepEqual(await count(bed.client, 20, tcp(7, family)), { [first]: 20 });
      await proxy.publish({ s7: serviceAt(7, [other], { affinitySeconds: 60 }) });
      assert.deepEqual(await count(bed.client, 10, tcp(7, family)), { [`p${other} ${client[family]}`]: 10 });
    }
  },
  async "forgets a client after its time"(bed, proxy) {
    await proxy.publish({ s7: serviceAt(7, [1, 2], { affinitySeconds: 1, ports: [http] }) });
    const seen = new Set<string>();
    for (let i = 0; i < 12 && seen.size < 2; i++) {
      seen.add((await bed.client.order(tcp(7, 4))).answer);
      await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    assert.equal(seen.size, 2);
  },
  async "balances over more targets than the maps hold"(bed, proxy) {
    const gone = Array.from({ length: 39 }, (_, i) => endpointOf("10.20.2.2", { ports: [{ ...http, port: 9000 + i }] }));
    await proxy.publish({ s7: serviceAt(7, [], { endpoints: [endpointOf("10.20.1.2"), ...gone] }) });
    const counts = await count(bed.client, 200, tcp(7, 4));
    assert.deepEqual(Object.keys(counts).toSorted(), ["ECONNREFUSED", "p1 10.10.0.2"]);
    assert.ok((counts["p1 10.10.0.2"] ?? 0) < 30, JSON.stringify(counts));
  },
  async "is not taken over by a hostPort rule for the same port"(bed, proxy) {
    natTable("meta nfproto ipv4 tcp dport 8080 dnat ip to 192.0.2.2:8080");
    await proxy.publish({ s7: serviceAt(7, [1]) });
    await proxy.pass();
    assert.deepEqual(await count(bed.client, 10, tcp(7, 4)), { "p1 10.10.0.2": 10 });
    assert.deepEqual(await count(bed.host, 10, tcp(7, 4)), { "p1 10.10.0.1": 10 });
    run("nft delete table inet stranger");
  },
  async "answers a ping to a virtual address on the node"(bed, proxy) {
    await proxy.publish({ s7: serviceAt(7, [1]) });
    await proxy.pass();
    for (const family of families) {
      bed.client.inside(`ping -${family} -c 1 -W 1 ${vip(7, family)}`);
      run(`ping -${family} -c 1 -W 1 ${vip(7, family)}`);
    }
  },
  async "writes nothing when nothing changed, and repairs what somebody else did"(bed, proxy) {
    await proxy.publish({ s7: serviceAt(7, [1, 2]), s9: serviceAt(9, [3], { ports: [dns], affinitySeconds: 60 }) });
    await proxy.pass();
    proxy.scripts.length = 0;
    await proxy.pass();
    await proxy.pass(["s7", "s9"]);
    assert.deepEqual(proxy.scripts, []);
    execFileSync("nft", ["delete element inet sdn_proxy ep4_1 { 172.31.0.7 . tcp . 8080 }"]);
    run("ip route del 172.31.0.0/16 proto 215");
    await proxy.pass();
    assert.equal(proxy.scripts.length, 1);
    balanced(await count(bed.host, 30, tcp(7, 4)), ["p1 10.10.0.1", "p2 10.10.0.1"]);
  },
  async "removes exactly what is its own"(_, proxy) {
    await removeAll(proxy.backend, proxy.routing);
    const before = run("nft list ruleset") + run("ip route show table all") + run("ip -6 route show table all");
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    await proxy.pass();
    await removeAll(proxy.backend, proxy.routing);
    assert.equal(run("nft list ruleset") + run("ip route show table all") + run("ip -6 route show table all"), before);
    await removeAll(proxy.backend, proxy.routing);
  },
};

const bed = await buildBed();

export const cases: readonly NamespaceCase[] = Object.entries(suite).map(([name, test]) => ({
  name,
  async run() {
    using proxy = new Subject();
    try {
      await proxy.pass();
      await test(bed, proxy);
    } finally {
      await removeAll(proxy.backend, proxy.routing);
      run("conntrack -F");
    }
  },
}));
