import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import type { Address } from "@sdn-tunnel/common/net/address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { NftArpRules } from "./arp.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common. This one is a node with local routes for service
// prefixes; `lan` is a machine on its network that looks for their addresses there.
const node = (line: string): string => execFileSync("sh", ["-c", line], { encoding: "utf8" });
const lan = spawn("unshare", ["--net", "sh", "-c", "echo ready && exec sleep infinity"], { stdio: ["ignore", "pipe", "ignore"] });
await once(lan.stdout, "data");
const onLan = (line: string): string => node(`nsenter --target ${lan.pid} --net -- sh -c '${line}'`);

node(`sysctl -qw net.ipv4.ip_forward=1 && ip link set lo up && ip link add eth0 type veth peer name eth0 netns ${lan.pid}`);
node("ip addr add 192.0.2.1/24 dev eth0 && ip addr add 2001:db8::1/64 dev eth0 nodad && ip link set eth0 up");
onLan("ip addr add 192.0.2.2/24 dev eth0 && ip addr add 2001:db8::2/64 dev eth0 nodad && ip link set eth0 up");
node("ip route add local 172.31.0.0/16 dev lo && ip -6 route add local fd00:31::/112 dev lo");

const prefixes = ["172.31.0.0/16", "fd00:31::/112"].map(parsePrefix);
const own = "192.0.2.1" as Address;
const scripts: string[] = [];
const commands = createCommandRunner();
const rules = new NftArpRules({
  run(argv, options) {
    if (options?.input !== undefined) scripts.push(options.input);
    return commands.run(argv, options);
  },
});

/** Which of these addresses the other machine finds on its network. */
function found(...addresses: string[]): string[] {
  onLan("ip neigh flush dev eth0");
  for (const address of addresses) onLan(`ip route replace ${address} dev eth0`);
  return addresses.filter((address) => onLan(`ping -c 1 -W 1 ${address} > /dev/null && echo found || true`) !== "");
}

/** Whether the other machine learns of a virtual address by being looked for in its name. */
function announced(): boolean {
  onLan("ip neigh flush dev eth0 && ip route replace 172.31.0.7 via 192.0.2.1");
  onLan(`ip neigh replace 192.0.2.1 dev eth0 lladdr ${/ether (\S+)/.exec(node("ip link show eth0"))?.[1]}`);
  node("ip neigh flush dev eth0");
  onLan("ping -c 1 -W 1 172.31.0.7");
  const known = onLan("ip neigh show 172.31.0.7") !== "";
  onLan("ip neigh del 192.0.2.1 dev eth0");
  return known;
}

export const cases: readonly NamespaceCase[] = [
  {
    name: "without them a local route answers ARP and is announced, and IPv6 is not found",
    async run() {
      assert.deepEqual(found("172.31.0.7", "fd00:31::7"), ["172.31.0.7"]);
      assert.ok(announced());
    },
  },
  {
    name: "with them virtual addresses are neither found nor announced, and the node's own are",
    async run() {
      await rules.ensure(prefixes, own);
      assert.deepEqual(found("172.31.0.7", "fd00:31::7"), []);
      onLan("ip route del 192.0.2.1 dev eth0 2> /dev/null || true");
      assert.deepEqual(found("192.0.2.1"), ["192.0.2.1"]);
      assert.ok(!announced());
    },
  },
  {
    name: "writes nothing when nothing changed, and all anew when a rule is gone, a prefix comes or the address is another",
    async run() {
      scripts.length = 0;
      await rules.ensure(prefixes, own);
      assert.deepEqual(scripts, []);
      node("nft flush chain arp sdn_proxy input");
      await rules.ensure(prefixes, own);
      await rules.ensure([...prefixes, parsePrefix("172.28.0.0/16")], own);
      await rules.ensure(prefixes, "10.10.0.1" as Address);
      await rules.ensure(prefixes, undefined);
      assert.equal(scripts.length, 4);
    },
  },
  {
    name: "takes the table out, and no other of that family",
    async run() {
      node("nft add table arp stranger");
      await rules.ensure([], own);
      await rules.ensure([], own);
      assert.equal(node("nft list ruleset").trim(), "table arp stranger {\n}");
      assert.deepEqual(found("172.31.0.7"), ["172.31.0.7"]);
    },
  },
];
