import { commandLine } from "./command-line.ts";
import { reportOn } from "./suites/report.ts";
import { runJobs } from "./suites/run.ts";

// `npm run e2e -- …`
const { engine, jobs } = commandLine(process.argv.slice(2));
const { lines, failed } = reportOn(await runJobs(engine, jobs));
console.log(lines.join("\n"));
process.exitCode = failed === 0 ? 0 : 1;
