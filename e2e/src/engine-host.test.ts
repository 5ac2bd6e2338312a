import { describeResults } from "./suites/describe.ts";
import { reportOn } from "./suites/report.ts";
import { runJobs } from "./suites/run.ts";
import { suites } from "./suites/suites.ts";

// Whole clusters on this machine's own kernel. The demo on a bridge is not among them: it is a command of its own.
const suite = (name: string) => suites.find((candidate) => candidate.name === name)!;
const results = await runJobs("host", [
  { suite: suite("restart"), engine: "host", sdn: "bridge" },
  { suite: suite("restart"), engine: "host", sdn: "openshift" },
  { suite: suite("demo"), engine: "host", sdn: "openshift" },
]);
console.log(reportOn(results).lines.join("\n"));
describeResults(results);
