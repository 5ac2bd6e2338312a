import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { RawNetlinkSocket } from "netlink/dist/raw.js";
import { until } from "../../testing/until.ts";
import type { ListeningSocket } from "./multicast.ts";
import type { NamespaceCase } from "./namespace.ts";
import { openMulticast } from "./socket.ts";

// Runs inside a namespace of its own; see namespace.ts.
const ip = (...lines: string[]): void => void execFileSync("ip", ["-batch", "-"], { input: lines.map((line) => `${line}\n`).join("") });
const nft = (input: string): void => void execFileSync("nft", ["-f", "-"], { input });
/** NETLINK_ROUTE with RTNLGRP_LINK and RTNLGRP_IPV4_ROUTE, NETLINK_NETFILTER with NFNLGRP_NFTABLES. */
const [links, routes, ruleset] = [[0, [1]], [0, [7]], [12, [7]]] as const;

/** One that nobody waits for stays as a zombie, without a command line. */
const runs = (pid: number | undefined): boolean => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
const children = (): number[] => readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").split(" ").filter(Boolean).map(Number).filter(runs);

/** Two who share a process, and what they heard. */
class Shared {
  readonly multicast = openMulticast();
  readonly #sockets = new Set<ListeningSocket>();
  readonly route = this.hear(routes);
  readonly rule = this.hear(ruleset);

  hear([protocol, groups]: readonly [number, readonly number[]]) {
    const socket = this.multicast.listenTo(protocol, groups);
    this.#sockets.add(socket);
    const heard = { notices: 0, losses: 0, close: () => socket.close() };
    socket.on("message", () => (heard.notices += 1));
    socket.on("error", () => (heard.losses += 1));
    return heard;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

async function withTwo(run: (shared: Shared, pid: number) => Promise<void>): Promise<void> {
  const shared = new Shared();
  try {
    await until(() => shared.route.losses === 1 && shared.rule.losses === 1); // they listen
    await run(shared, shared.multicast.pid ?? NaN);
  } finally {
    shared.close();
    nft("flush ruleset\n");
    ip("route flush table 5555", "link set lo mtu 65536 up");
  }
  await until(() => children().length === 0);
}

/** Those who listen to rtnetlink: their port, and what they have not read yet (Pid and Rmem of /proc/net/netlink). */
function listeners(): { port: number; unread: number }[] {
  const rows = readFileSync("/proc/net/netlink", "utf8").split("\n").map((row) => row.trim().split(/\s+/));
  return rows.filter(([, protocol, , groups]) => protocol === "0" && Number(groups) > 0).map(([, , port, , unread]) => ({ port: Number(port), unread: Number(unread) }));
}

export const cases: readonly NamespaceCase[] = [
  {
    name: "one process listens for all, and each hears what it asked for, also who comes later",
    run: () =>
      withTwo(async (shared, pid) => {
        const { route, rule } = shared;
        ip("link set lo up", "route add 10.8.0.0/16 dev lo table 5555");
        await until(() => route.notices > 0);
        assert.equal(rule.notices, 0);
        const before = route.notices;
        nft("table ip a {\n}\n");
        await until(() => rule.notices > 0);
        const link = shared.hear(links);
        await until(() => link.losses === 1);
        ip("link set lo mtu 1500");
        await until(() => link.notices > 0);
        link.close();
        assert.equal(route.notices, before);
        assert.deepEqual([route.losses, rule.losses], [1, 1]);
        assert.deepEqual(children(), [pid]);
        assert.equal(readFileSync(`/proc/${pid}/coredump_filter`, "utf8"), "00000000\n");
      }),
  },
  {
    name: "survives more notices than there is room for, tells all that some were lost, and hears the next",
    run: () =>
      withTwo(async (shared, pid) => {
        const { multicast, route, rule } = shared;
        process.kill(pid, "SIGSTOP");
        const batch = Array.from({ length: 10_000 }, (_, i) => `route add 10.${100 + (i >> 8)}.${i & 255}.0/24 dev lo table 5555`);
        ip(...batch);
        process.kill(pid, "SIGCONT");
        await until(() => route.losses === 3 && rule.losses === 3); // it ended, and listens again
        assert.notEqual(multicast.pid, pid);
        assert.ok(route.notices < batch.length);
        const before = route.notices;
        ip("route add 10.8.0.0/16 dev lo table 5555");
        nft("table ip a {\n}\n");
        await until(() => route.notices > before && rule.notices > 0);
      }),
  },
  {
    name: "one that is killed is started again, for all who listened and who came meanwhile, unless all have closed",
    run: () =>
      withTwo(async (shared, pid) => {
        const { multicast, route, rule } = shared;
        process.kill(pid, "SIGKILL");
        while (runs(pid));
        const early = shared.hear(links); // its end is not known yet
        await until(() => route.losses === 2 && rule.losses === 2);
        const late = shared.hear(links);
        await until(() => route.losses === 3 && rule.losses === 3 && early.losses === 2 && late.losses === 1);
        assert.deepEqual(children(), [multicast.pid]);
        ip("link set lo mtu 1500", "route add 10.8.0.0/16 dev lo table 5555");
        nft("table ip a {\n}\n");
        await until(() => [route, rule, early, late].every(({ notices }) => notices > 0));
        process.kill(multicast.pid ?? NaN, "SIGKILL");
        await until(() => route.losses === 4);
        shared.close();
        await sleep(600); // as long as it would take to start it again
        assert.deepEqual(children(), []);
      }),
  },
  {
    name: "who closes hears no more, and the others go on; it ends with the last, and starts again with the next",
    run: () =>
      withTwo(async (shared, pid) => {
        const { multicast, route, rule } = shared;
        route.close();
        route.close();
        await until(() => listeners().length === 0);
        ip("route add 10.8.0.0/16 dev lo table 5555");
        nft("table ip a {\n}\n");
        await until(() => rule.notices > 0);
        await sleep(50);
        assert.deepEqual([route.notices, route.losses, rule.losses], [0, 1, 1]);
        assert.deepEqual(children(), [pid]);
        rule.close();
        await until(() => !runs(pid));
        assert.equal(multicast.pid, undefined);
        await sleep(600); // as long as it would take to start it again
        assert.deepEqual(children(), []);
        const next = shared.hear(routes);
        await until(() => next.losses === 1);
        ip("route add 10.9.0.0/16 dev lo table 5555");
        await until(() => next.notices > 0);
      }),
  },
  {
    name: "who reads too slowly is told that notices were dropped, and who lost none is not",
    run: () =>
      withTwo(async (shared, pid) => {
        const { multicast, route, rule } = shared;
        const link = shared.hear(links);
        await until(() => link.losses === 1);
        // More than the 8 MB that it keeps, while nobody here reads.
        for (let i = 0; i < 300; i++) {
          ip(...Array.from({ length: 50 }, (_, j) => `link set lo mtu ${1500 + j}`));
          while (listeners().some(({ unread }) => unread > 0));
        }
        await until(() => link.losses === 2);
        assert.ok(link.notices > 0 && link.notices < 300 * 50);
        assert.deepEqual([route.losses, rule.losses, multicast.pid], [1, 1, pid]);
        const before = link.notices;
        ip("link set lo mtu 1400");
        await until(() => link.notices > before);
      }),
  },
  {
    name: "what another program sends is no notice",
    run: () =>
      withTwo(async ({ route }) => {
        const stranger = new RawNetlinkSocket(0);
        const [{ port } = { port: NaN }, ...others] = listeners();
        assert.deepEqual(others, []);
        stranger.send(Buffer.from("no notice"), { port });
        ip("link set lo up", "route add 10.8.0.0/16 dev lo table 5555");
        await until(() => route.notices > 0);
        assert.equal(route.notices, 1);
        stranger.close();
      }),
  },
  {
    name: "leaves no listener behind when its own process is killed",
    async run() {
      const script = `import { openMulticast } from ${JSON.stringify(new URL("socket.ts", import.meta.url).href)}; const m = openMulticast(); m.listenTo(0, [1]).on("error", () => console.log(String(m.pid)));`;
      const owner = spawn(process.execPath, ["--conditions=source", "--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
      let told = "";
      owner.stdout.setEncoding("utf8").on("data", (text: string) => (told += text));
      const pid = (): number => Number(told.trimEnd().split("\n").at(-1) || NaN);
      await until(() => runs(pid()));
      owner.kill("SIGKILL");
      await until(() => !runs(pid()));
    },
  },
];
