import { mkdirSync, renameSync } from "node:fs";
import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManifestFolder } from "../../testing/folder.ts";
import { eventually } from "../../testing/recording-sink.ts";
import { serviceKey } from "../admit/view.ts";
import { silentLog } from "../daemon/log.ts";
import { systemClock } from "../loop/clock.ts";
import { MeshFeed } from "./mesh-feed.ts";

const version = "apiVersion: sdn-tunnel.io/v1alpha1";

const meshCluster = (name: string, pods: string, more = "") =>
  `${version}\nkind: MeshCluster\nmetadata: {name: ${name}}\nspec:\n  podCIDRs: [{cidr: ${pods}}]\n${more === "" ? "" : `  ${more}\n`}`;

const meshNode = (name: string, subnet: string) =>
  `${version}\nkind: MeshNode\nmetadata: {name: ${name}}\nspec: {subnets: [${subnet}], addresses: [], nodeIPs: [], tunnels: []}\n`;

const service = (name: string) => `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ns}\nspec: {clusterIP: None}\n`;

const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n";

let local: ManifestFolder;
let feed: MeshFeed;
let stop: AbortController;
let running: Promise<void>;
let touched: Set<string>;
let warnings: string[];

beforeEach(() => {
  [local, stop, touched, warnings] = [new ManifestFolder("east"), new AbortController(), new Set(), []];
  const log = { ...silentLog, warn: (fields: object, message: string) => void warnings.push(`${message}: ${JSON.stringify(fields)}`) };
  feed = new MeshFeed({ source: local.path, clusterName: "east", log, clock: systemClock });
  feed.onTouched(({ clusters, nodes, services, namespaces }) => {
    for (const keys of [clusters, nodes, services, namespaces]) for (const key of keys) touched.add(key);
  });
});
afterEach(async () => {
  stop.abort();
  await running;
  local[Symbol.dispose]();
});

const begin = (): void => void (running = feed.run(stop.signal));

/** Writes into the folder of a remote cluster, beside the local one. */
function remote(cluster: string, name: string, text: string): void {
  local.replace(`../${cluster}/${name}`, text);
}

const nodes = (): string => [...feed.state.nodes.keys()].toSorted().join(" ");
const clusters = (): string => [...feed.state.clusters.values()].map(({ name, synced }) => `${name}${synced ? "" : "?"}`).toSorted().join(" ");

const expectShown = (see: () => string, want: string): Promise<void> => eventually(() => see() === want, { saw: () => [see(), feed.health().entries().toArray()] });

describe("MeshFeed", () => {
  it("is ready once the local cluster is known and read, whatever the remote ones do", async () => {
    expect(feed.notReady()).toEqual([`${local.path} is not read yet`]);
    local.replace("clusters.yaml", [meshCluster("east", "10.1.0.0/16"), meshCluster("west", "10.2.0.0/16", "source: {directory: ../west}")].join("---\n"));
    begin();
    await expectShown(clusters, "east west?");
    expect(feed.localSynced).toBe(true);
    await eventually(() => feed.health().get("west")?.staleSince !== undefined);
    expect(feed.notReady()).toEqual([]);
  });

  it("says that its own MeshCluster is missing", async () => {
    local.replace("clusters.yaml", meshCluster("west", "10.2.0.0/16"));
    begin();
    await eventually(() => feed.localSynced);
    expect(feed.notReady()).toEqual([`${local.path} has no valid MeshCluster east, which --cluster-name asks for`]);
  });

  it("takes local objects that come before their MeshCluster", async () => {
    local.replace("objects.yaml", [namespace, service("a"), meshNode("node-1", "10.1.1.0/24")].join("---\n"));
    begin();
    await eventually(() => feed.localSynced);
    expect(nodes()).toBe("");
    local.replace("clusters.yaml", meshCluster("east", "10.1.0.0/16"));
    await expectShown(nodes, "east/node-1");
    expect(clusters()).toBe("east");
    expect(feed.state.service(serviceKey("east", "ns", "a"))).toBeDefined();
    expect(touched).toContain("east/ns/a");
  });

  it("reads a local folder, and remote ones beside it, that are given as relative paths", async () => {
    feed = new MeshFeed({ source: relative(process.cwd(), local.path), clusterName: "east", log: silentLog, clock: systemClock });
    remote("west", "node.yaml", meshNode("node-1", "10.2.1.0/24"));
    local.replace("clusters.yaml", [meshCluster("east", "10.1.0.0/16"), meshCluster("west", "10.2.0.0/16", "source: {directory: ../west}")].join("---\n"));
    begin();
    await expectShown(nodes, "west/node-1");
  });

  it("knows the facts of the local nodes", async () => {
    local.replace("node.yaml", "apiVersion: v1\nkind: Node\nmetadata: {name: node-1}\nspec: {podCIDR: 10.1.1.0/24}\n");
    begin();
    await eventually(() => feed.localNode("node-1") !== undefined);
    expect(feed.localNode("node-1")?.podCIDRs).toEqual(["10.1.1.0/24"]);
    local.remove("node.yaml");
    await eventually(() => feed.localNode("node-1") === undefined);
  });

  it("tells of one local node when it comes, changes and goes, and of no other", async () => {
    const node = (name: string, cidr: string, ip: string) =>
      `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}}\nspec: {podCIDR: ${cidr}}\nstatus: {addresses: [{type: InternalIP, address: ${ip}}]}\n`;
    const told: string[] = [];
    feed.onLocalNode("node-1", () => void told.push([feed.localNode("node-1")?.podCIDRs, feed.localNode("node-1")?.internalIPs].join(" ")));
    begin();
    const steps = [["10.1.1.0/24", "192.0.2.1"], ["10.1.1.0/24", "192.0.2.2"], ["10.1.3.0/24", "192.0.2.2"]] as const;
    for (const [i, [cidr, ip]] of steps.entries()) {
      local.replace("node.yaml", node("node-1", cidr, ip));
      await eventually(() => told.length === i + 1, { saw: () => told });
      local.replace("other.yaml", node("node-2", `10.2.${i}.0/24`, "192.0.2.9"));
      await eventually(() => feed.localNode("node-2")?.podCIDRs[0] === `10.2.${i}.0/24`);
    }
    local.remove("node.yaml");
    await eventually(() => told.length === 4, { saw: () => told });
    expect(told).toEqual(["10.1.1.0/24 192.0.2.1", "10.1.1.0/24 192.0.2.2", "10.1.3.0/24 192.0.2.2", " "]);
  });
});

describe("MeshFeed follows a remote cluster", () => {
  const both = (more = "source: {directory: ../west}", pods = "10.2.0.0/16") =>
    local.replace("clusters.yaml", [meshCluster("east", "10.1.0.0/16"), meshCluster("west", pods, more)].join("---\n"));

  it("that appears, changes and goes", async () => {
    remote("west", "node.yaml", meshNode("node-1", "10.2.1.0/24"));
    both();
    begin();
    await expectShown(nodes, "west/node-1");
    await expectShown(clusters, "east west");
    remote("west", "other.yaml", meshNode("node-2", "10.2.2.0/24"));
    await expectShown(nodes, "west/node-1 west/node-2");
    touched.clear();
    local.replace("clusters.yaml", meshCluster("east", "10.1.0.0/16"));
    await expectShown(clusters, "east");
    expect(nodes()).toBe("");
    expect(touched).toEqual(new Set(["west", "west/node-1", "west/node-2"]));
    remote("west", "other.yaml", meshNode("node-3", "10.2.2.0/24"));
    both();
    await expectShown(nodes, "west/node-1 west/node-3");
  });

  it("to another folder, without losing what both hold", async () => {
    remote("west", "node.yaml", [meshNode("node-1", "10.2.1.0/24"), meshNode("node-2", "10.2.2.0/24")].join("---\n"));
    remote("moved", "node.yaml", [meshNode("node-1", "10.2.1.0/24"), meshNode("node-3", "10.2.3.0/24")].join("---\n"));
    both();
    begin();
    await expectShown(nodes, "west/node-1 west/node-2");
    let lost = false;
    feed.onTouched(() => (lost ||= !nodes().includes("west/node-1")));
    both("source: {directory: ../moved}");
    await expectShown(nodes, "west/node-1 west/node-3");
    expect(lost).toBe(false);
  });

  it("that is refused first and admitted later", async () => {
    remote("west", "node.yaml", meshNode("node-1", "10.2.1.0/24"));
    both("source: {directory: ../west}", "10.1.0.0/16");
    begin();
    await expectShown(clusters, "east");
    expect([...feed.refusals()].map(({ cluster, reason }) => `${cluster}: ${reason}`)).toEqual(["west: Overlap"]);
    both();
    await expectShown(nodes, "west/node-1");
    expect([...feed.refusals()]).toEqual([]);
  });

  it("whose folder comes later than its MeshCluster", async () => {
    both();
    begin();
    await expectShown(clusters, "east west?");
    remote("west", "node.yaml", meshNode("node-1", "10.2.1.0/24"));
    await expectShown(nodes, "west/node-1");
    await expectShown(clusters, "east west");
  });

  it("whose folder is gone: its last state stays", async () => {
    remote("west", "node.yaml", meshNode("node-1", "10.2.1.0/24"));
    both();
    begin();
    await expectShown(clusters, "east west");
    renameSync(local.at("../west"), local.at("../gone"));
    await eventually(() => feed.health().get("west")?.staleSince !== undefined);
    await sleep(300);
    expect(nodes()).toBe("west/node-1");
    expect(clusters()).toBe("east west");
    expect(warnings.join("\n")).toMatch(/kept the last good state: .*west.*ENOENT/);
  });

  it("but never what it says of clusters, and nothing of a folder inside the local one", async () => {
    remote("west", "evil.yaml", meshCluster("west", "0.0.0.0/0"));
    remote("west", "node.yaml", meshNode("node-1", "10.2.1.0/24"));
    both();
    begin();
    await expectShown(nodes, "west/node-1");
    expect(feed.state.clusters.get("west")?.config.podCIDRs[0]?.cidr).toBe("10.2.0.0/16");
    mkdirSync(local.at("inside"));
    both("source: {directory: inside}");
    await eventually(() => [...feed.refusals()].length > 0);
    expect([...feed.refusals()].map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([
      "Invalid: spec.source.directory: inside lies inside the local cluster's folder; move it out",
    ]);
    expect(nodes()).toBe("west/node-1");
  });

  it("only from a folder: another source is refused, and its last state stays", async () => {
    remote("west", "node.yaml", meshNode("node-1", "10.2.1.0/24"));
    both();
    begin();
    await expectShown(nodes, "west/node-1");
    both("source: {kubeconfigFile: west.conf}");
    await eventually(() => [...feed.refusals()].some(({ detail }) => detail === "spec.source: this release reads `directory` only"));
    remote("west", "node.yaml", meshNode("node-2", "10.2.2.0/24"));
    await sleep(300);
    expect(nodes()).toBe("west/node-1");
    both();
    await expectShown(nodes, "west/node-2");
  });

  it("only while its pods need no mapping: packets to them would find no way", async () => {
    remote("west", "node.yaml", meshNode("node-1", "10.2.1.0/24"));
    const west = meshCluster("west", "10.2.0.0/16, as: 10.9.0.0/16", "source: {directory: ../west}");
    local.replace("clusters.yaml", [meshCluster("east", "10.1.0.0/16"), west].join("---\n"));
    begin();
    await eventually(() => [...feed.refusals()].length > 0);
    expect([...feed.refusals()].map(({ detail }) => detail)).toEqual([
      "spec.podCIDRs: 10.2.0.0/16 as 10.9.0.0/16: this release maps serviceCIDRs only; give each cluster's pods a prefix of their own",
    ]);
    expect(nodes()).toBe("");
  });

  it("without touching the local cluster's Services", async () => {
    local.replace("objects.yaml", [namespace, service("a")].join("---\n"));
    local.replace("clusters.yaml", meshCluster("east", "10.1.0.0/16"));
    begin();
    await eventually(() => feed.localSynced);
    touched.clear();
    both();
    await expectShown(clusters, "east west?");
    expect(touched).toEqual(new Set(["west"]));
  });
});
