import { describeResults } from "./suites/describe.ts";
import { reportOn } from "./suites/report.ts";
import { runJobs } from "./suites/run.ts";
import type { Job } from "./suites/suite.ts";
import { suites } from "./suites/suites.ts";

// One boot of the distribution's stock kernel for every data plane's cases, and the demo on both SDNs. The kill test is
// left to `npm run e2e -- --engine vm restart`: emulated, it takes as long as a demo.
const jobs = suites.filter(({ engines }) => engines.includes("vm")).flatMap((suite): Job[] => {
  if (suite.name === "restart") return [];
  return (suite.place === "bed" ? (["bridge", "openshift"] as const) : (["bridge"] as const)).map((sdn) => ({ suite, engine: "vm", sdn }));
});
const results = await runJobs("vm", jobs);
console.log(reportOn(results).lines.join("\n"));
describeResults(results);
