import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { health, reaches, report, seenBy, status, withoutAgents } from "./look.netns.ts";
import { buildMesh, until } from "./two-nodes.netns.ts";
import { end } from "./node.netns.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common. On the node east others have chains that refuse
// by default. The cases build on each other.
const work = mkdtempSync(join(tmpdir(), "sdn-tunnel-firewall-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const { east, west } = await buildMesh(work);
const EAST = ["10.21.0.11", "[fd00:21::11]"];
const WEST = ["10.22.0.11", "[fd00:22::11]"];

/** Chains as iptables has them; the CNI accepts nothing, so that whatever passes passes by us. */
const iptables = (family: "ip" | "ip6"): string => `table ${family} filter {
  chain FORWARD {
    type filter hook forward priority filter; policy drop;
    ct state invalid counter drop
  }
  chain INPUT {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
  }
}
`;
/** firewalld 1.3's: it accepts by policy, and refuses by its last rule. */
const firewalld = `table inet firewalld {
  chain filter_INPUT {
    type filter hook input priority filter + 10; policy accept;
    ct state { established, related } accept
    iifname "lo" accept
    meta l4proto { icmp, ipv6-icmp } accept
    ct state invalid drop
    jump filter_INPUT_ZONES
    reject with icmpx admin-prohibited
  }
  chain filter_FORWARD {
    type filter hook forward priority filter + 10; policy accept;
    ct state { established, related } accept
    ct state invalid drop
    jump filter_FORWARD_ZONES
    reject with icmpx admin-prohibited
  }
  chain filter_INPUT_ZONES {
  }
  chain filter_FORWARD_ZONES {
  }
}
`;
const nft = (script: string): void => void east.host.run("nft -f -", script);
const chainOf = (chain: string): string => east.host.run(`nft list chain ${chain}`);
const isOpen = (chain: string): boolean => chainOf(chain).includes('comment "sdn-tunnel"');
const chains = ["ip filter FORWARD", "ip filter INPUT", "ip6 filter FORWARD", "ip6 filter INPUT"];
const metric = (name: string): number => {
  const lines = east.host.run("curl -sS -m 2 http://127.0.0.1:9565/metrics").split("\n").filter((line) => line.startsWith(name));
  return lines.map((line) => Number(line.split(" ").at(-1))).reduce((sum, value) => sum + value, 0);
};
const fullPasses = (): number => metric('sdn_tunnel_pass_seconds_count{scope="full"}');
const connected = (): boolean => [...WEST.map((host) => reaches(east.pod, host)), ...EAST.map((host) => reaches(west.pod, host))].every(Boolean);
/** A moment in which a look of the second before does not count: looks are a second apart. */
const calm = (): Promise<void> => sleep(1200);

/** Does it, and says how long it took until `back()` was so again. */
async function repaired(what: string, act: () => void, back: () => boolean): Promise<void> {
  await calm();
  act();
  const ms = await until(back, 5000, what);
  report(what, ms);
  assert.ok(ms < 1000, `${ms} ms`);
}

export const cases: readonly NamespaceCase[] = [
  {
    name: "pods reach each other in both families through chains that refuse by default",
    async run() {
      nft(iptables("ip") + iptables("ip6"));
      for (const node of [east, west]) {
        node.startWireguard();
        node.startDaemon();
      }
      await until(connected, 10_000, "pods reach each other");
      assert.ok(chains.every(isOpen));
      assert.equal(seenBy(west.pod, EAST[0]!), "10.22.0.11");
      assert.doesNotMatch(status(east), /ForeignDrop/);
    },
  },
  {
    name: "twin: without our rules in them nothing passes",
    run: () =>
      withoutAgents([east, west], () => {
        nft(`delete table ip filter\ndelete table ip6 filter\n${iptables("ip")}${iptables("ip6")}`);
        for (const host of WEST) assert.throws(() => reaches(east.pod, host));
        for (const host of EAST) assert.throws(() => reaches(west.pod, host));
      }),
  },
  {
    name: "the node answers probes and requests of remote pods at its own address, and of nobody else",
    async run() {
      await until(connected, 5000, "it is put back");
      await until(() => health(west).clusters["east"]?.["east-1"]?.up === true, 15_000, "west sees east up");
      assert.equal(seenBy(west.pod, "10.21.0.1"), "10.22.0.11");
      assert.throws(() => reaches(west.host, "192.0.2.21")); // INPUT goes on to refuse what is none of ours
    },
  },
  {
    name: "a chain that its owner flushes is opened again within a second, and counted",
    async run() {
      const before = metric("sdn_tunnel_accept_rules_restored_total");
      await repaired("accept rules back after a flush", () => nft("flush chain ip filter FORWARD\n"), () => isOpen("ip filter FORWARD"));
      await until(() => metric("sdn_tunnel_accept_rules_restored_total") === before + 2, 2000, "both rules are counted");
    },
  },
  {
    name: "a table that its owner deletes and loads anew is opened again within a second",
    run: () => repaired("accept rules back after a reload", () => nft(`delete table ip filter\n${iptables("ip")}`), () => isOpen("ip filter FORWARD") && isOpen("ip filter INPUT")),
  },
  {
    name: "our own table is back within a second when somebody deletes it, and that is counted",
    async run() {
      const before = metric("sdn_tunnel_packet_rules_restored_total");
      await repaired("table inet sdn_tunnel back", () => nft("delete table inet sdn_tunnel\n"), () => east.host.run("nft list tables").includes("sdn_tunnel"));
      await until(() => metric("sdn_tunnel_packet_rules_restored_total") === before + 1, 2000, "it is counted");
      assert.ok(connected());
    },
  },
  {
    name: "a rule of ours that somebody changes inside our table is back within a second",
    run: () => repaired("chain of inet sdn_tunnel back", () => nft("flush chain inet sdn_tunnel guard\n"), () => east.host.run("nft list chain inet sdn_tunnel guard").includes("drop")),
  },
  {
    name: "firewalld's chains are opened as they come, and closed again when they accept",
    async run() {
      await repaired("firewalld's chains opened", () => nft(firewalld), () => isOpen("inet firewalld filter_FORWARD") && isOpen("inet firewalld filter_INPUT"));
      assert.ok(connected());
      const handle = /reject with icmpx.*# handle (\d+)/.exec(east.host.run("nft -a list chain inet firewalld filter_FORWARD"))?.[1];
      nft(`delete rule inet firewalld filter_FORWARD handle ${handle}\n`);
      await until(() => !isOpen("inet firewalld filter_FORWARD"), 3000, "our rules are gone from it");
      nft("delete table inet firewalld\n");
    },
  },
  {
    name: "a table whose owner lets nobody else change it is named, with firewalld's own way",
    async run() {
      // nft reads line by line there, and the table is gone with it.
      east.host.run("cat > /run/owned.nft", "table inet firewalld { flags owner; chain filter_FORWARD { type filter hook forward priority 10; policy drop; }; }\n");
      east.host.start(["sh", "-c", "(cat /run/owned.nft; sleep 4) | nft -i"], `${work}/owner.log`);
      await until(() => status(east).includes("firewall-cmd --permanent"), 3000, "it is named");
      assert.match(status(east), /"chain inet firewalld filter_FORWARD"/);
      assert.match(status(east), /takes no rule of ours \(.*Operation not permitted/);
      await until(() => !east.host.run("nft list tables").includes("firewalld"), 8000, "its owner is gone");
    },
  },
  {
    name: "somebody who writes all the time elsewhere does not make us look, nor does a restart write",
    async run() {
      await calm();
      const [before, table] = [fullPasses(), east.host.run("nft -a list ruleset")];
      for (let i = 0; i < 20; i++) {
        nft(`add table ip proxy${i}\nadd chain ip filter KUBE-${i}\n`);
        nft(`delete table ip proxy${i}\ndelete chain ip filter KUBE-${i}\n`);
        await sleep(50);
      }
      assert.ok(fullPasses() - before <= 1, "an audit may have come in between");
      await end(east.daemon, "SIGTERM");
      east.startDaemon();
      await until(() => east.host.run("curl -fsS -m 1 http://127.0.0.1:9565/readyz").startsWith("ok"), 8000, "it is ready");
      const strip = (text: string): string => text.replaceAll(/packets \d+ bytes \d+/g, "");
      assert.equal(strip(east.host.run("nft -a list ruleset")), strip(table));
    },
  },
  {
    name: "--dry-run says what it would insert, and with --foreign-chains report what to type",
    async run() {
      assert.doesNotMatch(east.host.run(east.argv("--dry-run").join(" ")), /^[^#\n]/m);
      await withoutAgents([east], () => {
        nft("flush chain ip filter FORWARD\n");
        assert.match(east.host.run(east.argv("--dry-run").join(" ")), /^insert rule ip filter FORWARD iifname "sdn-wg\*" ip saddr 10\.22\.0\.0\/16 ip daddr 10\.21\.0\.0\/24 counter accept comment "sdn-tunnel"$/m);
        const told = east.host.run(east.argv("--dry-run", "--foreign-chains", "report").join(" "));
        assert.match(told, /^# ForeignDrop: it refuses by default and has no rule for the tunnel: .*; add: nft 'insert rule ip filter FORWARD/m);
        assert.doesNotMatch(told, /^[^#\n]/m);
      });
    },
  },
  {
    name: "--cleanup takes our rules out of the chains of others, and nothing else",
    async run() {
      await end(east.daemon, "SIGTERM");
      nft('insert rule ip filter INPUT ip daddr 172.31.0.0/16 counter accept comment "sdn-tunnel"\nadd rule ip filter INPUT udp dport 53 accept comment "mine"\n');
      east.host.run(east.argv("--cleanup").join(" "));
      const rules = chains.flatMap((chain) => chainOf(chain).split("\n").map((line) => line.trim()).filter((line) => /accept|drop$/.test(line)));
      assert.deepEqual(rules.filter((line) => line.includes("sdn-wg") || line.includes("5555")), []);
      assert.ok(rules.some((line) => line.includes("172.31.0.0/16")) && rules.some((line) => line.includes('"mine"')));
      assert.doesNotMatch(east.host.run("nft list tables"), /sdn_tunnel/);
    },
  },
];
