import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { datapath, slowdown } from "../wiring/openshift/vswitch.netns.ts";
import { BridgeNode, node } from "./bridge-node.netns.ts";
import type { Place } from "./node.netns.ts";
import { until } from "./two-nodes.netns.ts";

// Runs inside namespaces of its own, which are the node, where Open vSwitch's datapath is the kernel's, whose conntrack
// is the host's: what becomes of a connection from the isolated pod p2 to the remote pod q1. The cases build on each other.
assert.equal(datapath, "system", "SDN_OVS_DATAPATH is not system");
const bed = await BridgeNode.open();
const { p2, q1 } = bed.places;

/** One end of a TCP connection: what it is told to say, and what it heard. */
class Talker {
  heard = "";
  readonly #child: ChildProcess;

  constructor(place: Place, start: string) {
    const program = `const talk = (s) => { s.setNoDelay(); process.stdin.on("data", (d) => s.write(d)); s.on("data", (d) => process.stdout.write(d)); }; ${start}`;
    this.#child = spawn("nsenter", [`--target=${place.pid}`, "--net", process.execPath, "-e", program], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.heard += text));
  }

  say(text: string): void {
    this.#child.stdin?.write(text);
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }

  /** TCP sends again after a gap: at first within 0.2 s, then after twice as long each time. */
  hears(text: string, seconds = 4): Promise<number> {
    return until(() => this.heard.includes(text), seconds * 1000 * slowdown, `"${text}" is heard`);
  }
}

const server = new Talker(q1.place, `require("net").createServer(talk).listen(9000, () => console.log("ready"));`);
const connect = () => new Talker(p2.place, `talk(require("net").connect(9000, "${q1.address}"));`);
await server.hears("ready", 10);
let client: Talker;

/** The connections that the host's conntrack holds, of which `address` is the client; without their timeouts. */
function tracked(address = p2.address): string[] {
  const listed = node(`conntrack -L -p tcp -s ${address} 2>/dev/null`).split("\n");
  return listed.filter((line) => line !== "").map((line) => line.replace(/^tcp +6 \d+ /, ""));
}

export const cases: readonly NamespaceCase[] = [
  {
    name: "an isolated pod talks TCP to a remote one, and the connection is in the host's conntrack once",
    async run() {
      await bed.build({});
      client = connect();
      client.say("one");
      await server.hears("one", 10);
      server.say("two");
      await client.hears("two");
      assert.match(tracked().join("\n"), /^ESTABLISHED src=10\.128\.0\.6 dst=10\.132\.0\.7 sport=(\d+) dport=9000 src=10\.132\.0\.7 dst=10\.128\.0\.6 sport=9000 dport=\1 \[ASSURED\].*$/);
    },
  },
  {
    name: "it outlives a restart of ovs-vswitchd, which leaves conntrack as it is: the remote end may speak first",
    async run() {
      const before = tracked();
      await bed.vswitch.restart();
      await bed.refill({});
      assert.deepEqual(tracked(), before);
      server.say("three");
      await client.hears("three");
      client.say("four");
      await server.hears("four");
    },
  },
  {
    name: "it outlives br0, for all that the pod knows is the MAC of a tun0 that is gone",
    async run() {
      const before = tracked();
      await bed.build({});
      server.say("five");
      await client.hears("five");
      client.say("six");
      await server.hears("six");
      assert.deepEqual(tracked(), before);
    },
  },
  {
    name: "it outlives conntrack -F when the pod speaks first",
    async run() {
      node("conntrack -F 2>/dev/null");
      client.say("seven");
      await server.hears("seven");
      server.say("eight");
      await client.hears("eight");
    },
  },
  {
    name: "after conntrack -F it does not when the remote end does: what that says never comes in; a new one works",
    async run() {
      node("conntrack -F 2>/dev/null");
      server.say("nine");
      await until(() => tracked(q1.address).length === 1, 4000 * slowdown, "the host takes the remote end for the client");
      client.say("ten");
      await server.hears("ten");
      await sleep(1000 * slowdown);
      assert.ok(!client.heard.includes("nine"));
      client.end();
      client = connect();
      client.say("eleven");
      await server.hears("eleven", 10);
      server.say("twelve");
      await client.hears("twelve");
      for (const talker of [client, server]) talker.end();
    },
  },
  {
    name: "without our exemption remote pods see a pod's address, for the flow to them commits before MASQUERADE; without that flow they do not",
    async run() {
      node("nft delete table inet ours");
      assert.deepEqual(bed.answered("p1→q1", "p2→q1"), ["p1→q1", "p2→q1"]);
      await bed.build({ without: /^table=101/ });
      bed.forgetNeighbours();
      assert.deepEqual(bed.answered("p1→q1", "p2→q1"), []);
    },
  },
];
