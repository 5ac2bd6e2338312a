import { once } from "node:events";
import { Lab } from "../lab.ts";
import { Mesh } from "../mesh/mesh.ts";
import { allChecks } from "./checks/all.ts";
import { describeDataPlane } from "./data-plane.ts";
import { parseDemoFlags } from "./flags.ts";
import { passed, showResult, showSummary } from "./report.ts";
import { runChecks } from "./run-checks.ts";
import { makeStages } from "./stage.ts";
import { usualShape } from "../topology/shape.ts";

/** The demo's part inside the bed: clusters, daemons, checks. Progress goes to stderr when stdout is for JSON. */
const started = performance.now();
const seconds = (): number => (performance.now() - started) / 1000;
const { json, keep, engine, sdn } = parseDemoFlags(process.argv.slice(2));
const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);

const lab = await Lab.up(usualShape(sdn));
say(`${seconds().toFixed(1)} s: ${lab.clusters.map(({ name, nodes, pods }) => `cluster ${name}: ${nodes.length} nodes, ${pods.length} pods`).join("; ")}`);
const stages = makeStages(lab, await Mesh.start(lab));
const { stage } = stages;
const dataPlane = await describeDataPlane(stage, stage.pairs[0]!);
say(`${seconds().toFixed(1)} s: every daemon is ready`);
for (const [what, why] of Object.entries(dataPlane)) say(`       ${what}: ${why}`);

const checks = await runChecks(allChecks(stage.pairs), stages, (result) => say(showResult(result)));
const report = { engine, sdn, dataPlane, checks };
say(showSummary(report, seconds()));
if (json) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
process.exitCode = passed(report) ? 0 : 1;

if (keep) {
  const { client } = stage.pairs[0]!;
  say(`The clusters stay up until Ctrl-C. Enter ${client.name} from another shell:\n  ${lab.bed.wayInto(client.pid)}`);
  setInterval(() => {}, 60_000); // a signal handler alone does not keep Node running
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
}
await lab.down();
process.exit();
