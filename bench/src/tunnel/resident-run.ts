import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startWireguardGo } from "@sdn-tunnel/tunnel/peers/wireguard-go.netns";
import { watchDaemon } from "../resident/watch.ts";
import { nodeOf, OWN } from "./mesh.ts";

// Started by main.ts in namespaces of its own: `resident-run FOLDER NODES DAEMON`. sdn-tunneld as it runs on a node, of a
// mesh that is a folder of manifests, one for each node, on userspace WireGuard. Prints its resident memory.
const [, , work = "", count = "", daemon = ""] = process.argv;
const folders = { east: join(work, "east"), nodes: join(work, "west/meshnodes") };
for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });

const apiVersion = "sdn-tunnel.io/v1alpha1";
const manifest = (kind: string, name: string, spec: object): string => JSON.stringify({ apiVersion, kind, metadata: { name }, spec });
const clusters = [
  manifest("MeshCluster", "east", { podCIDRs: [{ cidr: "10.64.0.0/16" }] }),
  manifest("MeshCluster", "west", { podCIDRs: ["10.128.0.0/12", "10.144.0.0/14"].map((cidr) => ({ cidr })), limits: { nodes: 5120 }, source: { directory: "../west" } }),
];
writeFileSync(join(folders.east, "clusters.yaml"), clusters.join("\n---\n"));
for (let i = 1; i <= Number(count); i++) {
  const { kind, name, ...spec } = nodeOf(i);
  writeFileSync(join(folders.nodes, `${name}.yaml`), manifest(kind, name, spec));
}

const ip = (line: string): Buffer => execFileSync("ip", line.split(" "));
for (const line of ["link set lo up", "link add eth0 type bridge", "link set eth0 up", `addr add ${OWN.nodeIP}/24 dev eth0`, "link add cni0 type bridge", "link set cni0 up", `addr add ${OWN.address}/24 dev cni0`]) ip(line);
const wireguard = await startWireguardGo("sdn-wg-a");
const own = ["--node-ip", OWN.nodeIP, "--node-subnet", OWN.subnet, "--address", OWN.address];
const resident = await watchDaemon({
  argv: [process.execPath, daemon, "--source", folders.east, "--cluster-name", "east", "--node-name", "node-1", "--state-dir", work, "--run-dir", work, ...own],
  isLoaded: () => execFileSync("wg", ["show", "sdn-wg-a", "peers"], { encoding: "utf8" }).trim().split("\n").length === Number(count),
  // Somebody else's route: each time, the daemon reads device, routes and packet rules.
  poke: (i) => ip(`route ${i % 2 ? "del" : "add"} blackhole 198.51.100.0/24`),
});
wireguard.kill();
process.stdout.write(JSON.stringify(resident), () => process.exit());
