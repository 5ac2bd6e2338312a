import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { writeFileAtomically } from "@sdn-tunnel/common/daemon/files";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";

// Runs inside a namespace of its own; see kernel/namespace.ts of common. The real daemon, as a process.
const run = (line: string): string => {
  const [command = "", ...args] = line.split(" ");
  return execFileSync(command, args, { encoding: "utf8" });
};
const manifests = readFileSync(new URL("daemon.netns.yaml", import.meta.url), "utf8").split("# ---- west\n");

/** A node with folders of east and west, and at most one daemon at a time. */
class Node implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "sdn-proxy-"));
  #daemon: ChildProcess | undefined;
  #log = "";

  constructor() {
    for (const name of ["east", "west", "run"]) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, "east/mesh.yaml"), manifests[0] ?? "");
    writeFileSync(join(this.folder, "west/httpd.yaml"), manifests[1] ?? "");
  }

  async write(file: string, text: string): Promise<void> {
    await writeFileAtomically(join(this.folder, file), text);
  }

  async start(...flags: string[]): Promise<void> {
    this.#daemon = this.spawn(...flags);
    this.#daemon.stderr?.on("data", (text: Buffer) => (this.#log += text.toString()));
    await this.until("it is ready", async () => (await this.get("readyz")) === "ok\n");
  }

  spawn(...flags: string[]): ChildProcess {
    const fixed = ["--source", join(this.folder, "east"), "--cluster-name", "east", "--node-name", "node-1", "--run-dir", join(this.folder, "run")];
    const main = fileURLToPath(new URL("main.ts", import.meta.url));
    return spawn(process.execPath, ["--conditions=source", main, ...fixed, "--address", "10.10.1.1", ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Ends the daemon and returns its exit code, `null` after SIGKILL. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    const exited = this.#daemon && once(this.#daemon, "exit");
    this.#daemon?.kill(signal);
    const [code] = ((await exited) ?? []) as [number | null];
    return code;
  }

  /** Processes of its own that listen to the kernel. */
  listeners(): string[] {
    return run(`pgrep -P ${this.#daemon?.pid} -f netlink`).trim().split("\n");
  }

  async get(path: string): Promise<string> {
    return await fetch(`http://127.0.0.1:9566/${path}`).then((response) => response.text(), () => "");
  }

  async conditions(): Promise<string> {
    return JSON.stringify((JSON.parse(await this.get("status")) as { conditions: unknown }).conditions);
  }

  /** Waits until `test` holds, at most fifteen seconds; returns the milliseconds that it took. */
  async until(what: string, test: () => boolean | Promise<boolean>): Promise<number> {
    const started = performance.now();
    while (!(await test())) {
      if (performance.now() - started > 15_000) assert.fail(`waited 15 s until ${what}; log:\n${this.#log}\n${elements()}`);
      await sleep(10);
    }
    return performance.now() - started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon?.exitCode === null && this.#daemon.signalCode === null) await this.stop("SIGKILL");
    await exitOf(this.spawn("--cleanup"));
    rmSync(this.folder, { recursive: true });
  }
}

async function exitOf(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let [out, err] = ["", ""];
  child.stdout?.on("data", (text: Buffer) => (out += text.toString()));
  child.stderr?.on("data", (text: Buffer) => (err += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

/** The table with the handles that the kernel gave out: equal only if nothing was written. */
const table = (): string => run("nft -a list ruleset");
const routes = (): string => run("ip route show table main proto 215");
/** Real servers in the table. */
const elements = (): string => [...new Set(table().match(/10\.20\.\d+\.\d+ \. \d+/g))].toSorted().join(", ");
const health = (up: boolean, writtenAt: number): string => JSON.stringify({ writtenAt, clusters: { west: { "node-1": { up, since: 0 } } } });
const both = "10.20.1.2 . 8080, 10.20.2.2 . 8080";
const applied = (): boolean => elements() === both && routes() !== "";

const suite: Record<string, (node: Node) => Promise<void>> = {
  async "applies a folder of manifests, and says how it does so"(node) {
    await node.start();
    await node.until("west is applied", applied);
    assert.match(routes(), /^172\.31\.0\.0\/16 dev up0 .*src 10\.10\.1\.1/);
    const status = JSON.parse(await node.get("status")) as { dataPlane: { loadBalancer: string }; services: string[] };
    assert.match(status.dataPlane.loadBalancer, /^nftables: no IPVS: \S/);
    assert.deepEqual(status.services, ["west/test/httpd tcp/172.31.0.7:8080 -> 10.20.1.2:8080, 10.20.2.2:8080"]);
    assert.match(await node.get("metrics"), /sdn_proxy_backend_info\{backend="nftables",reason="no IPVS: [^"]+"\} 1/);
    await node.until("the pass is counted", async () => (await node.get("metrics")).includes("sdn_proxy_targets 2"));
  },
  async "follows a change of a manifest, and keeps the last good state when one is broken"(node) {
    await node.start();
    await node.until("west is applied", applied);
    const changed = (manifests[1] ?? "").replace("10.20.2.2", "10.20.2.9");
    await node.write("west/httpd.yaml", changed);
    await node.until("the change is applied", () => elements() === "10.20.1.2 . 8080, 10.20.2.9 . 8080");
    await node.write("west/httpd.yaml", changed.replace("10.20.2.9", "not an address"));
    await node.until("the condition shows", async () => (await node.conditions()).includes("InvalidObject"));
    assert.equal(elements(), "10.20.1.2 . 8080, 10.20.2.9 . 8080");
  },
  async "takes a node out by health.json, not by a broken one, and back by a stale one"(node) {
    await node.start();
    await node.until("west is applied", applied);
    await node.write("run/health.json", health(false, Date.now()));
    await node.until("node-1 is out", () => elements() === "10.20.2.2 . 8080");
    await node.write("run/health.json", "{ broken");
    await node.until("the condition shows", async () => (await node.conditions()).includes("health.json"));
    assert.equal(elements(), "10.20.2.2 . 8080");
    await node.write("run/health.json", health(false, Date.now() - 6000));
    await node.until("node-1 is back", () => elements() === both);
  },
  async "leaves the data plane up when it ends, and writes nothing when it starts again"(node) {
    await node.start();
    await node.until("west is applied", applied);
    const before = table() + routes();
    assert.equal(await node.stop("SIGTERM"), 0);
    assert.equal(table() + routes(), before);
    await node.start();
    assert.equal(table() + routes(), before);
    await node.stop("SIGKILL");
    await node.start();
    await sleep(300);
    assert.equal(table() + routes(), before);
  },
  async "listens to the kernel by one process, which ends with it"(node) {
    await node.start();
    await node.until("west is applied", applied);
    const listeners = node.listeners();
    assert.equal(listeners.length, 1);
    await node.stop("SIGKILL");
    await node.until("it is gone", () => !existsSync(`/proc/${listeners[0]}/exe`));
  },
  async "brings its table back when somebody flushes the whole ruleset"(node) {
    await node.start();
    await node.until("west is applied", applied);
    await sleep(2000); // it hears what is told by now, and looks once a second at most
    run("nft flush ruleset");
    const back = await node.until("the table is back", () => elements() === both);
    run("nft flush map inet sdn_proxy svc4");
    const right = await node.until("the map is right", () => run("nft list map inet sdn_proxy svc4").includes("172.31.0.7"));
    process.stderr.write(`table back: ${Math.round(back)} ms, map right: ${Math.round(right)} ms\n`);
    await node.until("drift is counted", async () => /sdn_proxy_drift_total [1-9]/.test(await node.get("metrics")));
  },
  async "brings its route back when the link went down and up"(node) {
    await node.start();
    await node.until("west is applied", applied);
    run("ip link set up0 down");
    assert.equal(routes(), "");
    run("ip link set up0 up");
    run("ip route replace default dev up0");
    await node.until("the route is back", () => routes() !== "");
  },
  async "refuses a cluster that would cut the node off while it is running, and shows it"(node) {
    await node.start();
    await node.until("west is applied", applied);
    run("ip route add 172.31.100.0/24 dev up0");
    await node.until("west is taken out", () => elements() === "" && routes() === "");
    assert.match(await node.conditions(), /WouldCutOff.*172\.31\.0\.0\/16 overlaps 172\.31\.100\.0\/24/);
    run("ip route del 172.31.100.0/24 dev up0");
    await node.until("west is applied again", applied);
  },
  async "runs once per node"(node) {
    await node.start();
    const { code, err } = await exitOf(node.spawn());
    assert.equal(code, 1);
    assert.match(err, /^sdn-proxyd: Cannot start: another instance holds the lock sdn-proxyd/);
  },
  async "prints what it would apply, and applies nothing"(node) {
    const { code, out } = await exitOf(node.spawn("--dry-run"));
    assert.equal(code, 0);
    assert.match(out, /add element inet sdn_proxy svc4 \{ 172\.31\.0\.7 \. tcp \. 8080 : goto n4_2 \}\nEND\nip route replace 172\.31\.0\.0\/16 dev up0/);
    assert.equal(table() + routes(), "");
    run("ip route add 172.31.100.0/24 dev up0");
    const refused = await exitOf(node.spawn("--dry-run"));
    run("ip route del 172.31.100.0/24 dev up0");
    assert.match(refused.out, /^# WouldCutOff, MeshCluster west: /m);
    assert.doesNotMatch(refused.out, /172\.31\.0\.7/);
    const reckless = await exitOf(node.spawn("--dry-run", "--unsafe-skip-lifeline"));
    assert.equal(reckless.out, out);
  },
  async "cleans up after itself"(node) {
    await node.start();
    await node.until("west is applied", applied);
    await node.stop("SIGKILL");
    assert.equal((await exitOf(node.spawn("--cleanup"))).code, 0);
    assert.equal(table() + routes(), "");
    assert.equal((await exitOf(node.spawn("--cleanup"))).code, 0);
  },
};

run("ip link set lo up");
run("ip link add up0 type veth peer name up1");
for (const line of ["addr add 10.10.1.1/24 dev up0", "link set up1 up", "link set up0 up", "route add default dev up0"]) run(`ip ${line}`);

export const cases: readonly NamespaceCase[] = Object.entries(suite).map(([name, test]) => ({
  name,
  async run() {
    await using node = new Node();
    await test(node);
  },
}));
