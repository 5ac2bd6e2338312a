import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Sabotage } from "@sdn-tunnel/common/daemon/sabotage";
import type { Sabotaged } from "@sdn-tunnel/common/daemon/sabotage";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";

// Runs inside namespaces of its own; see kernel/namespace.ts in common. The real daemon, with an nft(8) that goes wrong.
const work = mkdtempSync("/run/proxyd-");
const [mesh = "", httpd = ""] = readFileSync(new URL("../daemon.netns.yaml", import.meta.url), "utf8").split("# ---- west\n");
for (const folder of ["east", "west"]) mkdirSync(`${work}/${folder}`);
writeFileSync(`${work}/east/mesh.yaml`, mesh);
const run = (line: string, input = ""): string => execFileSync("sh", ["-c", line], { input, encoding: "utf8" });
const publish = (last: number): void => writeFileSync(`${work}/west/httpd.yaml`, httpd.replace("10.20.2.2", `10.20.2.${last}`));
/** Real servers in our table; the text of nothing while there is no table. */
const targets = (): string => [...new Set(run("nft list table inet sdn_proxy 2>&1 || true").match(/10\.20\.\d+\.\d+ \. \d+/g))].toSorted().join(", ");
const both = (last: number): string => `10.20.1.2 . 8080, 10.20.2.${last} . 8080`;
/** Everything of others, with the handles that the kernel gave out. */
const foreign = (): string => run("nft -a list table ip theirs; ip route show proto 77");

run("ip link set lo up; ip link add up0 type veth peer name up1; ip addr add 10.10.1.1/24 dev up0; ip link set up1 up; ip link set up0 up; ip route add default dev up0");
run("ip route add 10.66.0.0/16 dev up0 proto 77");
run("nft -f -", "table ip theirs {\n set s { type ipv4_addr; elements = { 10.66.0.1 }; }\n chain c {\n type nat hook prerouting priority -90\n ip daddr @s dnat to 10.66.0.2\n }\n}\n");
const untouched = foreign();

const sabotage = new Sabotage(["nft"]);
process.on("exit", () => sabotage[Symbol.dispose]());
let daemon: ChildProcess | undefined;
let log = "";

async function start(): Promise<void> {
  const flags = ["--source", `${work}/east`, "--cluster-name", "east", "--node-name", "node-1", "--run-dir", `${work}/run`, "--state-dir", `${work}/state`, "--address", "10.10.1.1"];
  const argv = ["--conditions=source", fileURLToPath(new URL("../main.ts", import.meta.url)), "--backend", "nftables", ...flags];
  daemon = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, PATH: sabotage.folder } });
  daemon.stderr?.on("data", (text: Buffer) => (log += text.toString()));
  await until("it is ready", async () => (await get("readyz")) === "ok\n");
}

async function stop(): Promise<void> {
  const exited = daemon && once(daemon, "exit");
  daemon?.kill("SIGKILL");
  await exited;
}

const get = (path: string): Promise<string> => fetch(`http://127.0.0.1:9566/${path}`).then((response) => response.text(), () => "");

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const started = performance.now(); !(await holds()); await sleep(20))
    if (performance.now() - started > 15_000) assert.fail(`waited 15 s until ${what}; log:\n${log}\n${targets()}`);
}

/** What the daemon counted of what went wrong. */
async function failures(): Promise<number> {
  const counts = (await get("metrics")).matchAll(/^(?:sdn_proxy_changes_total\{result="failed"\}|sdn_proxy_failed_passes_total) (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Publishes a change while nft goes wrong: until it is applied, either the old state is in force or the new one. */
async function survives(fault: Sabotaged, args: string, said: RegExp, from: number, to: number): Promise<void> {
  const before = await failures();
  log = "";
  sabotage.arm("nft", fault, args);
  publish(to);
  await until("the change is applied", () => {
    const now = targets();
    assert.ok(now === both(from) || now === both(to), `in force is: ${now}`);
    return now === both(to) && sabotage.done("nft");
  });
  await until("the failure is counted", async () => (await failures()) > before);
  assert.match(log, said);
  assert.equal(foreign(), untouched);
  await sleep(300); // what follows a failure is over
  assert.equal(targets(), both(to));
}

/** Starts the daemon anew while nft does not list the table as it is: nothing is concluded from it. */
async function rereads(fault: Sabotaged, said: RegExp): Promise<void> {
  await stop();
  const written = run("nft -a list table inet sdn_proxy");
  log = "";
  sabotage.arm("nft", fault, "-j list table inet sdn_proxy");
  await start();
  assert.ok(sabotage.done("nft"));
  assert.match(log, said);
  assert.ok((await failures()) > 0);
  assert.equal(run("nft -a list table inet sdn_proxy"), written); // with handles: nothing was written
  assert.equal(foreign(), untouched);
}

export const cases: readonly NamespaceCase[] = [
  {
    name: "starts, and applies what is published",
    async run() {
      publish(2);
      await start();
      await until("west is applied", () => targets() === both(2));
    },
  },
  { name: "nft is killed before it does anything", run: () => survives("killed at once", "-f -", /SIGKILL/, 2, 3) },
  { name: "nft is killed when it has read half of its input", run: () => survives("killed half-way", "-f -", /SIGKILL/, 3, 4) },
  { name: "nft is killed when it has written everything", run: () => survives("killed after", "-f -", /SIGKILL/, 4, 5) },
  {
    name: "nft is not there for a while",
    async run() {
      log = "";
      const before = await failures();
      const restore = sabotage.remove("nft");
      publish(6);
      await until("it says what is missing", () => log.includes("Debian has it in nftables"));
      assert.equal(targets(), both(5));
      restore();
      await until("the change is applied", () => targets() === both(6));
      assert.ok((await failures()) > before);
      assert.equal(foreign(), untouched);
    },
  },
  { name: "nft is killed when it has listed half of the table", run: () => rereads("cut", /SIGKILL/) },
  { name: "nft lists half of the table, and ends as if that were all", run: () => rereads("cut quietly", /Cannot read the listing of table inet sdn_proxy that nft printed/) },
  { name: "nft prints something else", run: () => rereads("garbage", /Cannot read the listing of table inet sdn_proxy that nft printed/) },
  { name: "ends", run: stop },
];
