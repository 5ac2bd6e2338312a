import { describeResults } from "./suites/describe.ts";
import { reportOn } from "./suites/report.ts";
import { runJobs } from "./suites/run.ts";
import type { Job } from "./suites/suite.ts";
import { suites } from "./suites/suites.ts";

// One boot of the distribution's stock kernel for every data plane's cases. Whole clusters are left to
// `npm run e2e -- --engine vm demo restart`: emulated, each takes eight minutes.
const jobs = suites.filter(({ place }) => place === "namespace").map((suite): Job => ({ suite, engine: "vm", sdn: "bridge" }));
const results = await runJobs("vm", jobs);
console.log(reportOn(results).lines.join("\n"));
describeResults(results);
