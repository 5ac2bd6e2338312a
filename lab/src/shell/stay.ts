import { once } from "node:events";
import { Lab } from "../lab.ts";
import { Mesh } from "../mesh/mesh.ts";
import { usualShape } from "../topology/shape.ts";
import { describeLab } from "./describe.ts";
import { parseShellCommand } from "./flags.ts";

// The part of `npm run lab -- up` inside the bed.
const command = parseShellCommand(process.argv.slice(2));
if (command.name === "up") {
  const { nodes, daemons, sdn } = command.flags;
  const ended = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  const started = performance.now();
  const lab = await Lab.up({ clusters: usualShape(sdn).clusters.map((cluster) => ({ ...cluster, nodes })) });
  if (daemons) await Mesh.start(lab);
  console.log(describeLab(lab));
  console.log(`\nUp after ${((performance.now() - started) / 1000).toFixed(1)} s${daemons ? ", with daemons" : ""}. It stays until Ctrl-C.`);
  setInterval(() => {}, 60_000); // a signal handler alone does not keep Node running
  await ended;
  await lab.down();
  process.exit();
}
