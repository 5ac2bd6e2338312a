import { setTimeout as sleep } from "node:timers/promises";
import { engine } from "@sdn-tunnel/lab/engine/engine";
import type { Machine } from "@sdn-tunnel/lab/handles/machine";
import { Lab } from "@sdn-tunnel/lab/lab";
import { Mesh } from "@sdn-tunnel/lab/mesh/mesh";
import type { DaemonName } from "@sdn-tunnel/lab/mesh/mesh";
import type { LoadRecord } from "@sdn-tunnel/lab/requests/load";
import { usualShape } from "@sdn-tunnel/lab/topology/shape";
import type { Sdn } from "@sdn-tunnel/lab/topology/shape";

/** One kill of a daemon, and the load around it; printed as JSON for judge.ts. */
export interface Kill {
  readonly daemon: string;
  readonly killedAt: number;
  /** Until the daemon said that it is ready again. */
  readonly readyMs: number;
  readonly records: readonly LoadRecord[];
}

export interface Restarts {
  readonly urls: { readonly podIP: string; readonly clusterIP: string; readonly name: string };
  readonly kills: readonly Kill[];
}

/** Requests a second to each URL; on an emulated processor as many in all, over a longer time. */
const RATE = 50 / engine.slowdown;
const BEFORE_MS = 500 * engine.slowdown;
const AFTER_MS = 2500 * engine.slowdown;

const [sdn] = process.argv.slice(2) as Sdn[];
const lab = await Lab.up(usualShape(sdn));
const mesh = await Mesh.start(lab);
const [east, west] = [lab.cluster("east"), lab.cluster("west")];
const client = east.pod("client");
const urls = {
  podIP: `http://${west.pod("httpd-1").plan.addresses.v4}:8080/`,
  clusterIP: `http://[${west.serviceIP("httpd", "v6", "remote")}]:8080/`,
  name: "http://httpd.test-sdn-tunnel.svc.cluster.west:8080/",
};
await untilAnswered(Object.values(urls));

const kills: Kill[] = [];
for (const [machine, daemon] of victims()) kills.push(await killUnderLoad(machine, daemon));
console.log(JSON.stringify({ urls, kills } satisfies Restarts));
await lab.down();
process.exit();

/** Each kind of daemon on the client's side, and on the other side where requests arrive. */
function victims(): [Machine, DaemonName | "wireguard-a"][] {
  return [
    [east.node(1), "tunneld"],
    [west.node(1), "tunneld"],
    [east.node(1), "proxyd"],
    [east.pod("dns"), "discoveryd"],
    // Where the kernel has WireGuard there is no process to kill.
    ...[east.node(1), west.node(1)].filter((node) => node.daemon("wireguard-a")).map((node): [Machine, "wireguard-a"] => [node, "wireguard-a"]),
  ];
}

async function killUnderLoad(machine: Machine, name: DaemonName | "wireguard-a"): Promise<Kill> {
  const load = await client.load({ urls: Object.values(urls), ratePerSecond: RATE, timeoutMs: 4000 * engine.slowdown });
  await sleep(BEFORE_MS);
  const daemon = machine.daemon(name);
  if (!daemon) throw new Error(`${machine.name} has no ${name}`);
  const killedAt = Date.now();
  await daemon.restart("SIGKILL");
  if (name !== "wireguard-a") await mesh.untilReady(machine, name);
  const readyMs = Date.now() - killedAt;
  await sleep(AFTER_MS);
  return { daemon: `${name} of ${machine.name}`, killedAt, readyMs, records: await load.stop() };
}

async function untilAnswered(all: readonly string[]): Promise<void> {
  const until = Date.now() + 20_000 * engine.slowdown;
  for (const url of all)
    while (!(await client.curl(url, { timeoutMs: 1000 * engine.slowdown })).ok) {
      if (Date.now() > until) throw new Error(`${url} does not answer ${20 * engine.slowdown} s after the daemons are ready`);
      await sleep(100);
    }
}
