import { describeResults } from "./suites/describe.ts";
import { reportOn } from "./suites/report.ts";
import { runJobs } from "./suites/run.ts";
import type { Job } from "./suites/suite.ts";
import { suites } from "./suites/suites.ts";

// One boot of the distribution's stock kernel for every data plane's cases, and the demo on both SDNs. The kill test is
// left to `npm run e2e -- --engine vm restart`.
const jobs = suites.flatMap((suite): Job[] => {
  const sdns = { namespace: ["bridge"], bed: suite.name === "demo" ? ["bridge", "openshift"] : [] } as const;
  return sdns[suite.place].map((sdn) => ({ suite, engine: "vm", sdn }));
});
const results = await runJobs("vm", jobs);
console.log(reportOn(results).lines.join("\n"));
describeResults(results);
