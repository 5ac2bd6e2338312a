import { execFileSync } from "node:child_process";
import { writeClusters, writeMesh } from "../proxy/manifests.ts";
import { watchDaemon } from "../resident/watch.ts";

// Started by main.ts in namespaces of its own: `resident-run FOLDER SERVICES DAEMON`. sdn-discoveryd as it runs in a pod, of
// a mesh that is a folder of manifests. Prints its resident memory.
const [, , work = "", count = "", daemon = ""] = process.argv;
const source = writeMesh(work, Number(count));
execFileSync("ip", ["link", "set", "lo", "up"]);

const resident = await watchDaemon({
  argv: [process.execPath, daemon, "--source", source, "--cluster-name", "east", "--listen", "127.0.0.1:53", "--upstream", "127.0.0.1:5300"],
  isLoaded: async () => Number(/^sdn_discovery_names (\d+)$/m.exec(await metrics())?.[1]) > Number(count),
  poke: (i) => writeClusters(source, 1000 + (i % 2)),
});
process.stdout.write(JSON.stringify(resident), () => process.exit());

async function metrics(): Promise<string> {
  return await fetch("http://127.0.0.1:9567/metrics").then((response) => response.text(), () => "");
}
