import assert from "node:assert/strict";
import { removeAll } from "../remove.ts";
import { balanced, client, count, families, natTable, nft, node, refused, tcp, udp, vip } from "./ask.netns.ts";
import type { DataPlaneCases } from "./ask.netns.ts";
import { run } from "./bed.netns.ts";
import { dns, http, serviceAt } from "./subject.netns.ts";

/** Rules of others on the node, and the node's own services. */
export const neighbours: DataPlaneCases = {
  async "moves a UDP flow that is older than the table"(bed, proxy) {
    await removeAll(proxy.backends, proxy.routing);
    natTable("meta nfproto ipv4 tcp dport 1 dnat ip to 192.0.2.2:1"); // without any, the kernel tracks nothing
    assert.equal((await bed.client.order(udp(7, 4, "old"))).answer, "TIMEOUT");
    await proxy.publish({ s7: serviceAt(7, [1]) });
    await proxy.pass();
    assert.equal((await bed.client.order(udp(7, 4, "old"))).answer, "p1 10.10.0.2");
    run("nft delete table inet stranger");
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
  async "is not found by those who look for a virtual address on the node's network"(bed, proxy) {
    await proxy.publish({ s7: serviceAt(7, [1]) });
    await proxy.pass();
    for (const family of families) {
      const [ping, address] = [`ping -${family} -c 1 -W 1`, vip(7, family)];
      bed.outside.inside(`${ping} ${address}`); // by the node as router
      bed.outside.inside(`ip -${family} route add ${address} dev eth0`);
      assert.throws(() => bed.outside.inside(`${ping} ${address}`));
      bed.outside.inside(`ip -${family} route del ${address} dev eth0`);
    }
  },
  async "is taken over by no hostPort 80 and no NodePort that equals its port, in both families"(bed, proxy) {
    const ports = "{ 80, 30080 }";
    natTable(
      `meta nfproto ipv4 fib daddr type local meta l4proto { tcp, udp } th dport ${ports} dnat ip to 10.20.3.2:8080`,
      `meta nfproto ipv6 fib daddr type local meta l4proto { tcp, udp } th dport ${ports} dnat ip6 to [fd00:20:0:3::2]:8080`,
    );
    const both = [80, 30080].flatMap((port) => [{ ...http, port }, { ...dns, port }]);
    await proxy.publish({ s7: serviceAt(7, [1, 2], { ports: both }) });
    await proxy.pass();
    for (const family of families)
      for (const port of [80, 30080])
        for (const [agent, source] of [[bed.client, client[family]], [bed.host, node[family]]] as const) {
          const want = [`p1 ${source}`, `p2 ${source}`];
          balanced(await count(agent, 16, tcp(7, family, port)), want);
          balanced(await count(agent, 16, udp(7, family, undefined, port)), want);
        }
    for (const [family, from] of [[4, "192.0.2.1"], [6, "2001:db8::1"]] as const) balanced(await count(bed.host, 16, { ...tcp(7, family, 80), from }), [`p1 ${from}`, `p2 ${from}`]);
    for (const port of [80, 30080]) assert.deepEqual(await count(bed.outside, 3, { do: "ask", host: "192.0.2.1", port }), { "p3 192.0.2.2": 3 });
    await refused(bed.client, vip(8, 4), 80);
    run("nft delete table inet stranger");
  },
  async "takes back a UDP flow that somebody translated before it was guarded"(bed, proxy) {
    await removeAll(proxy.backends, proxy.routing);
    natTable("meta nfproto ipv4 udp dport 8080 dnat ip to 10.20.3.2:8080");
    assert.equal((await bed.client.order(udp(7, 4, "taken"))).answer, "p3 10.10.0.2");
    assert.equal((await bed.client.order(udp(8, 4, "stray"))).answer, "p3 10.10.0.2");
    // The rule goes, but the kernel goes on to translate these two, for as long as any rule makes it track connections.
    nft("flush table inet stranger\nadd rule inet stranger prerouting meta nfproto ipv4 tcp dport 1 dnat ip to 192.0.2.2:1\n");
    assert.equal((await bed.client.order(udp(7, 4, "taken"))).answer, "p3 10.10.0.2");
    await proxy.publish({ s7: serviceAt(7, [1]) });
    await proxy.pass();
    assert.equal((await bed.client.order(udp(7, 4, "taken"))).answer, "p1 10.10.0.2");
    assert.equal((await bed.client.order(udp(8, 4, "stray"))).answer, "ECONNREFUSED");
    run("nft delete table inet stranger");
  },
  async "works where INPUT drops by default, as iptables has it, and leaves the chain as it was"(bed, proxy) {
    const accepts = "ct state established,related accept\n iifname lo accept\n meta l4proto { icmp, ipv6-icmp } accept";
    for (const family of ["ip", "ip6"]) nft(`table ${family} filter {\n chain INPUT {\n type filter hook input priority 0; policy drop;\n ${accepts}\n }\n}\n`);
    const chains = (): string => ["ip", "ip6"].map((family) => run(`nft list table ${family} filter`)).join("");
    const before = chains();
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    await proxy.pass();
    for (const family of families)
      for (const [agent, source] of [[bed.client, client[family]], [bed.host, node[family]]] as const) {
        balanced(await count(agent, 16, tcp(7, family)), [`p1 ${source}`, `p2 ${source}`]);
        balanced(await count(agent, 16, udp(7, family)), [`p1 ${source}`, `p2 ${source}`]);
      }
    await refused(bed.client, vip(7, 4), 81);
    const during = chains();
    await proxy.pass();
    if (proxy.kind === "ipvs") assert.equal(during.match(/comment "sdn-tunnel"/g)?.length, 2);
    await removeAll(proxy.backends, proxy.routing);
    assert.equal(chains(), before);
    for (const family of ["ip", "ip6"]) run(`nft delete table ${family} filter`);
  },
  async "works where FORWARD drops by default and what is invalid"(bed, proxy) {
    const accepts = 'ct state invalid drop\n iifname client accept\n oifname client ct state established,related accept';
    for (const family of ["ip", "ip6"]) nft(`table ${family} filter {\n chain FORWARD {\n type filter hook forward priority 0; policy drop;\n ${accepts}\n }\n}\n`);
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    await proxy.pass();
    for (const family of families) {
      balanced(await count(bed.client, 16, tcp(7, family)), [`p1 ${client[family]}`, `p2 ${client[family]}`]);
      balanced(await count(bed.client, 16, udp(7, family)), [`p1 ${client[family]}`, `p2 ${client[family]}`]);
    }
    await refused(bed.client, vip(7, 4), 81);
    for (const family of ["ip", "ip6"]) run(`nft delete table ${family} filter`);
  },
  async "serves processes that bind the node IP, which the tunnel translates"(bed, proxy) {
    // As table inet sdn_tunnel does on the devices of the tunnel.
    const rules = 'oifname { p1, p2, p3 } ip saddr != 10.10.0.0/16 snat ip to 10.10.0.1\n oifname { p1, p2, p3 } ip6 saddr != fd00:10::/48 snat ip6 to fd00:10::1';
    nft(`table inet stranger {\n chain postrouting {\n type nat hook postrouting priority 90\n ${rules}\n }\n}\n`);
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    await proxy.pass();
    for (const family of families) {
      const want = [`p1 ${node[family]}`, `p2 ${node[family]}`];
      const from = family === 4 ? "192.0.2.1" : "2001:db8::1";
      balanced(await count(bed.host, 16, { ...tcp(7, family), from }), want);
      balanced(await count(bed.host, 16, { ...udp(7, family), from }), want);
    }
    run("nft delete table inet stranger");
  },
  async "refuses at a virtual address what the node serves at its own"(bed, proxy) {
    await bed.host.order({ do: "listen", name: "host", port: 8081 });
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    for (const family of families) {
      await refused(bed.client, vip(7, family), 8081);
      await refused(bed.host, vip(7, family), 8081);
      assert.deepEqual(await count(bed.client, 3, { do: "ask", host: node[family], port: 8081 }), { [`host ${client[family]}`]: 3 });
      balanced(await count(bed.client, 20, tcp(7, family)), [`p1 ${client[family]}`, `p2 ${client[family]}`]);
    }
  },
};
