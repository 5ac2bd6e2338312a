import type { Sdn } from "@sdn-tunnel/lab/topology/shape";
import { describeResults } from "./suites/describe.ts";
import { reportOn } from "./suites/report.ts";
import { runJobs } from "./suites/run.ts";
import type { Job, Suite } from "./suites/suite.ts";
import { suites } from "./suites/suites.ts";

// One boot of the distribution's stock kernel for every data plane's cases, and the demo on both SDNs. Left out for its time:
// the kill test, `npm run e2e -- --engine vm restart`.
const sdnsOf = ({ place, name }: Suite): readonly Sdn[] => (place === "namespace" ? ["bridge"] : name === "demo" ? ["bridge", "openshift"] : []);
const jobs = suites.flatMap((suite) => sdnsOf(suite).map((sdn): Job => ({ suite, engine: "vm", sdn })));
const results = await runJobs("vm", jobs);
console.log(reportOn(results).lines.join("\n"));
describeResults(results);
