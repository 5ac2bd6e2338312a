import { describeResults } from "./suites/describe.ts";
import { reportOn } from "./suites/report.ts";
import { runJobs } from "./suites/run.ts";
import type { Job } from "./suites/suite.ts";
import { suites } from "./suites/suites.ts";

// One boot of the distribution's stock kernel for every data plane's cases, and the demo. Left out for their time, and since
// emulated nodes with a bridge of their own are near the bounds on the start of a daemon: the demo on OpenShift's bridge,
// `npm run e2e -- --engine vm --sdn openshift demo`, and the kill test.
const jobs = suites.filter(({ place, name }) => place === "namespace" || name === "demo").map((suite): Job => ({ suite, engine: "vm", sdn: "bridge" }));
const results = await runJobs("vm", jobs);
console.log(reportOn(results).lines.join("\n"));
describeResults(results);
