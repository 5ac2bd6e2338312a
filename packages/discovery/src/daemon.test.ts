import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ports } from "@sdn-tunnel/common/daemon/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Daemon } from "../testing/daemon.ts";
import { encodeReply } from "../testing/decode.ts";

const example = fileURLToPath(new URL("../example", import.meta.url));
const HTTPD = "httpd.test.svc.cluster.west";
const service = (ip: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: test}\nspec: {clusterIP: ${ip}, ports: [{name: http, port: 80}]}\n`;

let folder: string;
let daemons: Daemon[];
let sockets: Socket[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "discovery-"));
  cpSync(example, folder, { recursive: true });
  [daemons, sockets] = [[], []];
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  for (const daemon of daemons) await daemon.stop("SIGKILL");
  rmSync(folder, { recursive: true });
});

async function start(args?: readonly string[], port?: number): Promise<Daemon> {
  const daemon = await Daemon.start(join(folder, "east"), args, port);
  daemons.push(daemon);
  return daemon;
}
const started = async (args?: readonly string[], port?: number): Promise<Daemon> => (await start(args, port)).ready();
const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);

async function socketAt(host: string, port: number, answer: (message: Buffer) => Uint8Array | undefined): Promise<number> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  socket.on("message", (message, from) => {
    const reply = answer(message);
    if (reply) socket.send(reply, from.port, from.address);
  });
  socket.bind(port, host);
  await once(socket, "listening");
  return socket.address().port;
}

describe("sdn-discoveryd, asked by dig", () => {
  it("answers over UDP and TCP, for both zones of its own, and for addresses", async () => {
    const daemon = await started();
    expect(await daemon.dig(HTTPD)).toEqual(["172.31.0.10"]);
    expect(await daemon.dig(HTTPD, "+tcp")).toEqual(["172.31.0.10"]);
    expect(await daemon.dig("db.test.svc.cluster.west", "+noedns")).toHaveLength(2);
    expect(await daemon.dig("-x", "10.132.0.7")).toEqual(["db-0.db.test.svc.cluster.west."]);
    expect(await daemon.dig("nope.cluster.west")).toEqual(["NXDOMAIN"]);
    expect(await daemon.dig(HTTPD, "AAAA")).toEqual(["NOERROR"]);
    expect(await daemon.dig("example.com")).toEqual(["REFUSED"]);
    expect(await daemon.dig("cluster.local", "NS")).toEqual(["ns.dns.cluster.local."]);
    expect(await daemon.dig("cluster.east", "NS")).toEqual(["ns.dns.cluster.east."]);
    expect(await daemon.dig("cluster.west", "AXFR", "+onesoa")).toEqual([expect.stringMatching(/Transfer failed|REFUSED/)]);
  });

  it("follows what changes, and keeps the last good state of what becomes invalid", async () => {
    const daemon = await started();
    write("west/web.yaml", service("172.30.0.20"));
    await expect.poll(() => daemon.dig("web.test.svc.cluster.west"), { timeout: 5000 }).toEqual(["172.31.0.20"]);
    write("west/web.yaml", service("172.30.0.21"));
    await expect.poll(() => daemon.dig("web.test.svc.cluster.west"), { timeout: 5000 }).toEqual(["172.31.0.21"]);
    write("west/web.yaml", service("no address"));
    await expect.poll(() => daemon.get("/status"), { timeout: 5000 }).toContain("web.yaml");
    expect(await daemon.dig("web.test.svc.cluster.west")).toEqual(["172.31.0.21"]);
    rmSync(join(folder, "west/web.yaml"));
    await expect.poll(() => daemon.dig("web.test.svc.cluster.west"), { timeout: 5000 }).toEqual(["NXDOMAIN"]);
  });

  it("serves a cluster that joins, and forgets one that leaves", async () => {
    const daemon = await started();
    mkdirSync(join(folder, "north"));
    cpSync(join(folder, "west/httpd.yaml"), join(folder, "north/httpd.yaml"));
    const north =
      "apiVersion: sdn-tunnel.io/v1alpha1\nkind: MeshCluster\nmetadata: {name: north}\nspec: {podCIDRs: [{cidr: 10.140.0.0/16}], serviceCIDRs: [{cidr: 172.30.0.0/16, as: 172.29.0.0/16}], source: {directory: ../north}}\n";
    write("east/north.yaml", north);
    await expect.poll(() => daemon.dig("httpd.test.svc.cluster.north"), { timeout: 5000 }).toEqual(["172.29.0.10"]);
    rmSync(join(folder, "east/north.yaml"));
    await expect.poll(() => daemon.dig("httpd.test.svc.cluster.north"), { timeout: 5000 }).toEqual(["REFUSED"]);
    expect(await daemon.dig(HTTPD)).toEqual(["172.31.0.10"]);
  });

  it("asks an upstream for the rest, and remembers what it says", async () => {
    let asked = 0;
    const upstream = await socketAt("127.0.0.1", 0, (message) => {
      asked++;
      return encodeReply(message, { answers: [{ type: "A", name: "www.example.com", ttl: 60, data: "192.0.2.80" }] });
    });
    const daemon = await started(["--upstream", `127.0.0.1:${upstream}`]);
    await expect.poll(() => asked).toBe(1); // it looks for loops once
    expect(await daemon.dig("www.example.com")).toEqual(["192.0.2.80"]);
    expect(await daemon.dig("www.example.com")).toEqual(["192.0.2.80"]);
    expect(asked).toBe(2);
    expect(await daemon.get("/status")).toContain(`"127.0.0.1:${upstream}"`);
  });

  it("answers SERVFAIL for a cluster whose nodes are silent, and is back with the first that answers", async () => {
    const node = "127.77.0.1";
    write("east/dead.yaml", "apiVersion: sdn-tunnel.io/v1alpha1\nkind: MeshCluster\nmetadata: {name: lonely}\nspec: {podCIDRs: [{cidr: 127.77.0.0/16}], serviceCIDRs: [{cidr: 172.30.0.0/16, as: 172.28.0.0/16}], source: {directory: ../lonely}, deadAfter: 2s}\n");
    mkdirSync(join(folder, "lonely"));
    cpSync(join(folder, "west/httpd.yaml"), join(folder, "lonely/httpd.yaml"));
    write("lonely/node.yaml", `apiVersion: sdn-tunnel.io/v1alpha1\nkind: MeshNode\nmetadata: {name: lonely-1}\nspec: {subnets: [127.77.0.0/24], addresses: [${node}], nodeIPs: [192.0.2.9], tunnels: []}\n`);
    let silent = true;
    await socketAt(node, ports.echo, (message) => (silent ? undefined : message));
    const daemon = await started();
    const name = "httpd.test.svc.cluster.lonely";
    await expect.poll(() => daemon.dig(name), { timeout: 1500 }).toEqual(["172.28.0.10"]); // once it is read
    await expect.poll(() => daemon.dig(name), { timeout: 8000 }).toEqual(["SERVFAIL"]);
    expect(await daemon.get("/status")).toContain("dead: names answer SERVFAIL");
    silent = false;
    await expect.poll(() => daemon.dig(name), { timeout: 5000 }).toEqual(["172.28.0.10"]);
    expect(await daemon.dig(HTTPD), "west never was").toEqual(["172.31.0.10"]);
  });

  it("is not ready, and does not answer, before the local cluster is known", async () => {
    rmSync(join(folder, "east/mesh.yaml"));
    const daemon = await start();
    await expect.poll(() => daemon.get("/readyz").catch(() => ""), { timeout: 5000 }).toContain("MeshCluster east");
    await expect(daemon.dig(HTTPD)).rejects.toThrow(/Command failed/);
    cpSync(join(example, "east/mesh.yaml"), join(folder, "east/mesh.yaml"));
    await daemon.ready();
    expect(await daemon.dig(HTTPD)).toEqual(["172.31.0.10"]);
  });

  it("counts what it answers", async () => {
    const daemon = await started();
    await daemon.dig(HTTPD);
    await expect
      .poll(() => daemon.get("/metrics"), { timeout: 5000 })
      .toContain('sdn_discovery_requests_total{proto="udp",family="ipv4",type="A",rcode="NOERROR"} 1');
  });
});

describe("sdn-discoveryd as a process", () => {
  it("exits 0 on SIGTERM, and the next one answers on the same port at once", async () => {
    const first = await started();
    expect(await first.stop("SIGTERM")).toBe(0);
    const second = await started(["--upstream", "none"], first.port);
    expect(await second.dig(HTTPD)).toEqual(["172.31.0.10"]);
  });

  it("answers on the same port after it was killed, and started again", async () => {
    const first = await started();
    await first.stop("SIGKILL");
    const second = await started(["--upstream", "none"], first.port);
    expect(await second.dig(HTTPD)).toEqual(["172.31.0.10"]);
  });

  const failures: [string, (daemon: Daemon) => readonly string[], RegExp][] = [
    ["its port is taken", ({ port }) => ["--upstream", "none", "--listen", `127.0.0.1:${port}`], /Cannot listen on udp 127\.0\.0\.1:\d+: .*EADDRINUSE/],
    ["it is its own upstream", ({ port }) => ["--listen", `127.0.0.1:${port}`, "--upstream", `127.0.0.1:${port}`], /is this server itself/],
    ["a flag is wrong", () => ["--dead-cluster", "maybe"], /--dead-cluster.*servfail, keep or nxdomain/],
  ];
  for (const [sentence, args, message] of failures)
    it(`exits 1 and says so when ${sentence}`, async () => {
      const first = await started();
      const second = await start(args(first));
      expect(await second.exited()).toBe(1);
      expect(second.log).toMatch(message);
    });
});
