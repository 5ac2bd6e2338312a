import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { namespaceArguments } from "@sdn-tunnel/common/kernel/namespace";
import { runInBed } from "@sdn-tunnel/lab/bed/run";
import { VM_SLOWDOWN } from "@sdn-tunnel/lab/engine/engine";
import type { EngineName } from "@sdn-tunnel/lab/engine/engine";
import { DATA_PLANE_MODULES } from "@sdn-tunnel/lab/engine/modules";
import { bundleForGuest } from "@sdn-tunnel/lab/engine/programs";
import type { GuestPrograms } from "@sdn-tunnel/lab/engine/programs";
import { REPOSITORY } from "@sdn-tunnel/lab/processes/node-program";
import { prepareSdn } from "@sdn-tunnel/lab/sdn/prepare";
import { runInVm } from "@sdn-tunnel/lab/vm/run";
import { readCases } from "./read.ts";
import { renderScript, splitOutput } from "./script.ts";
import { judgeJob } from "./suite.ts";
import type { Ending, Job, Row } from "./suite.ts";

const RUN_CASES = join(REPOSITORY, "packages/common/src/kernel/namespace-run.ts");
/** What the packages' own beds start. */
const AGENT = join(REPOSITORY, "packages/proxy/src/bed/agent.netns.ts");
const TUNNELD = join(REPOSITORY, "packages/tunnel/src/main.ts");
const BOOT_S = 120;

/** What came of a job. */
export interface Result {
  readonly job: Job;
  readonly rows: readonly Row[];
}

/** Runs jobs of one engine, one after the other; a virtual machine is booted once for all of them. */
export async function runJobs(engine: EngineName, jobs: readonly Job[]): Promise<Result[]> {
  if (jobs.some(({ sdn }) => sdn === "openshift")) await prepareSdn(engine);
  const endings = engine === "vm" ? await runInGuest(jobs) : await runHere(jobs);
  return jobs.map((job, i) => ({ job, rows: judgeJob(job, endings[i]!) }));
}

async function runInGuest(jobs: readonly Job[]): Promise<Ending[]> {
  using programs = await bundleForGuest([...new Set([...jobs.map(({ suite }) => suite.file), RUN_CASES, AGENT])]);
  const steps = jobs.map((job) => ({ argv: commandOf(job, programs), limitS: job.suite.limitS * VM_SLOWDOWN }));
  const stdout = new PassThrough();
  const printed = text(stdout);
  showProgress(stdout);
  await runInVm({
    argv: ["bash", "-c", renderScript(steps)],
    env: { ...programs.env, ...bedEnvironment(programs) },
    cwd: REPOSITORY,
    modules: [...DATA_PLANE_MODULES, "openvswitch"],
    cache: join(REPOSITORY, ".cache/vm"),
    timeoutMs: 1000 * (BOOT_S + steps.reduce((sum, { limitS }) => sum + limitS, 0)),
    say: (line) => process.stderr.write(`${line}\n`),
    stdout,
    stderr: process.stderr,
  }).finally(() => stdout.end());
  return splitOutput(await printed, jobs.length);
}

/** Cases as they end; the demo tells of its own by itself. */
function showProgress(stdout: Readable): void {
  createInterface({ input: stdout }).on("line", (line) => {
    for (const { name, error } of line.startsWith('{"name":') ? readCases(line) : []) process.stderr.write(`${error === undefined ? "pass" : "FAIL"}  ${name}\n`);
  });
}

/** What the packages' own beds want to know: they are no part of the lab. */
function bedEnvironment(programs: GuestPrograms): Record<string, string> {
  const [agent, tunneld] = [AGENT, TUNNELD].map((file) => programs.argv(file)[1]!);
  return { SDN_SLOWDOWN: String(VM_SLOWDOWN), SDN_OVS_DATAPATH: "system", SDN_BED_AGENT: agent!, SDN_BED_TUNNELD: tunneld! };
}

function commandOf({ suite, ...ground }: Job, programs: GuestPrograms): readonly string[] {
  if (suite.place === "bed") return programs.inBed(suite.file, suite.args?.(ground));
  return ["unshare", ...namespaceArguments(programs.argv(RUN_CASES, [programs.argv(suite.file)[1]!]), { privileged: true })];
}

async function runHere(jobs: readonly Job[]): Promise<Ending[]> {
  const endings: Ending[] = [];
  for (const { suite, ...ground } of jobs) {
    const folder = mkdtempSync(join(tmpdir(), "sdn-e2e-"));
    const out = openSync(join(folder, "out"), "w");
    const limit = AbortSignal.timeout(suite.limitS * 1000);
    const exit = await runInBed({ entry: suite.file, args: suite.args?.(ground) ?? [], stdio: ["ignore", out, "inherit"], signal: limit });
    closeSync(out);
    endings.push({ exit: limit.aborted ? 124 : exit, stdout: readFileSync(join(folder, "out"), "utf8") });
    rmSync(folder, { recursive: true });
  }
  return endings;
}
