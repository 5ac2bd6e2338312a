import assert from "node:assert/strict";
import { removeAll } from "../remove.ts";
import { balanced, count, ipvsServices, nft, snapshot, tcp } from "./ask.netns.ts";
import type { DataPlaneCases } from "./ask.netns.ts";
import { run } from "./bed.netns.ts";
import { dns, serviceAt, Subject } from "./subject.netns.ts";

const routes = (): string => ["-4", "-6"].map((family) => run(`ip ${family} route show table all proto 215`)).join("");
/** Sets and maps of our table that hold anything. */
const filled = (): string[] => run("nft list table inet sdn_proxy").match(/elements = /g) ?? [];

/** What is ours on the node, and what is not. */
export const ownership: DataPlaneCases = {
  async "writes nothing when nothing changed, and repairs what somebody else did"(bed, proxy) {
    await proxy.publish({ s7: serviceAt(7, [1, 2]), s9: serviceAt(9, [3], { ports: [dns], affinitySeconds: 60 }) });
    await proxy.pass();
    proxy.writes.length = 0;
    await proxy.pass();
    await proxy.pass(["s7", "s9"]);
    assert.deepEqual(proxy.writes, []);
    if (proxy.kind === "nftables") nft("delete element inet sdn_proxy ep4_1 { 172.31.0.7 . tcp . 8080 }");
    else run("ipvsadm -d -t 172.31.0.7:8080 -r 10.20.2.2:8080");
    run(`ip route del ${proxy.kind === "ipvs" ? "table local local " : ""}172.31.0.0/16 proto 215`);
    await proxy.pass();
    assert.equal(proxy.writes.length, 1);
    balanced(await count(bed.host, 30, tcp(7, 4)), ["p1 10.10.0.1", "p2 10.10.0.1"]);
  },
  async "builds up again when somebody flushed the ruleset and the routes"(bed, proxy) {
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    run("nft flush ruleset");
    run("ip route flush table local proto 215");
    await proxy.pass();
    balanced(await count(bed.client, 30, tcp(7, 4)), ["p1 10.10.0.2", "p2 10.10.0.2"]);
    balanced(await count(bed.host, 30, tcp(7, 6)), ["p1 fd00:10::1", "p2 fd00:10::1"]);
  },
  async "removes exactly what is its own"(_, proxy) {
    await removeAll(proxy.backends, proxy.routing);
    const before = snapshot();
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    await proxy.pass();
    assert.notEqual(snapshot(), before);
    await removeAll(proxy.backends, proxy.routing);
    assert.equal(snapshot(), before);
    await removeAll(proxy.backends, proxy.routing);
    assert.equal(snapshot(), before);
  },
  async "takes out a cluster that was removed while the daemon was down, and leaves nothing at a cleanup"(_, proxy) {
    await removeAll(proxy.backends, proxy.routing);
    const before = snapshot();
    for (const step of ["pass", "cleanup"]) {
      using first = new Subject(proxy.kind);
      await first.pass();
      await first.publish({ s7: serviceAt(7, [1, 2]) });
      assert.notEqual(routes(), "");
      using next = new Subject(proxy.kind);
      next.west = false;
      if (step === "pass") {
        await next.pass();
        await next.skip(1_000_000);
        assert.deepEqual([routes(), ipvsServices(), filled()], ["", "", []]);
      }
      await removeAll(next.backends, next.routing);
      assert.equal(snapshot(), before, step);
    }
  },
  async "leaves kube-proxy's tables, a foreign service and an address as their owner left them, also in mid-run"(bed, proxy) {
    await removeAll(proxy.backends, proxy.routing);
    const virtual = proxy.kind === "ipvs";
    nft("table ip nat {\n chain KUBE-SERVICES {\n ip daddr 172.30.0.1 tcp dport 443 counter dnat to 192.0.2.2:6443\n }\n chain PREROUTING {\n type nat hook prerouting priority -100\n jump KUBE-SERVICES\n }\n}\n");
    run("ip addr add 198.51.100.7/32 dev lo");
    if (virtual) for (const socket of ["198.51.100.7:80", "[2001:db8:5::7]:80"]) run(`ipvsadm -A -t ${socket} -s wlc`);
    const virtualOnes = (): string[] => ipvsServices().split(/\n(?=TCP|UDP)/).filter((service) => /C6336407|2001:0db8:0005/.test(service)).toSorted();
    const theirs = (): string => [run("nft list table ip nat"), run("ip addr show dev lo"), ...virtualOnes()].join("\n");
    if (virtual) assert.equal(virtualOnes().length, 2);
    const untouched = theirs();
    await proxy.pass();
    await proxy.publish({ s7: serviceAt(7, [1, 2]) });
    assert.equal(theirs(), untouched);
    if (virtual) run("ipvsadm -a -t 198.51.100.7:80 -r 10.20.3.2:8080 -m -w 7");
    if (virtual) run("ipvsadm -E -t [2001:db8:5::7]:80 -s sh -b sh-port");
    nft("add rule ip nat KUBE-SERVICES ip daddr 172.30.0.10 udp dport 53 counter dnat to 192.0.2.2:53");
    run("ip addr add 198.51.100.8/32 dev lo");
    const changed = theirs();
    await proxy.publish({ s7: serviceAt(7, [2, 3]) });
    await proxy.pass();
    balanced(await count(bed.client, 20, tcp(7, 4)), ["p2 10.10.0.2", "p3 10.10.0.2"]);
    await removeAll(proxy.backends, proxy.routing);
    assert.equal(theirs(), changed);
    for (const address of ["198.51.100.7", "198.51.100.8"]) run(`ip addr del ${address}/32 dev lo`);
    if (virtual) for (const socket of ["198.51.100.7:80", "[2001:db8:5::7]:80"]) run(`ipvsadm -D -t ${socket}`);
    run("nft delete table ip nat");
  },
};
