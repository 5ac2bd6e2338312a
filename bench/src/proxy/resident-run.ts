import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { watchDaemon } from "../resident/watch.ts";
import { writeMesh } from "./manifests.ts";

// Started by main.ts in namespaces of its own: `resident-run FOLDER SERVICES DAEMON`. sdn-proxyd as it runs on a node, with
// the nftables backend, of a mesh that is a folder of manifests. Prints its resident memory.
const [, , work = "", count = "", daemon = ""] = process.argv;
const source = writeMesh(work, Number(count));
for (const line of ["link set lo up", "link add eth0 type bridge", "link set eth0 up", "addr add 192.0.2.1/24 dev eth0", "route add default via 192.0.2.254", "link add cni0 type bridge", "link set cni0 up", "addr add 10.10.0.1/24 dev cni0"])
  execFileSync("ip", line.split(" "));
const flags = ["--cluster-name", "east", "--node-name", "node-1", "--backend", "nftables", "--state-dir", work, "--run-dir", work];
const own = ["--node-ip", "192.0.2.1", "--node-subnet", "10.10.0.0/24", "--address", "10.10.0.1"];

const resident = await watchDaemon({
  argv: [process.execPath, daemon, "--source", source, ...flags, ...own],
  isLoaded: async () => (await metrics()).includes(`\nsdn_proxy_servers ${count}\n`),
  // The node's own object, of which flags have said all: each time, the daemon reads the whole of its table.
  poke: (i) => writeFileSync(join(source, "node.yaml"), JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name: "node-1" }, spec: { podCIDR: `10.10.${i % 2}.0/24` } })),
});
process.stdout.write(JSON.stringify(resident), () => process.exit());

async function metrics(): Promise<string> {
  return await fetch("http://127.0.0.1:9566/metrics").then((response) => response.text(), () => "");
}
