import { fileURLToPath } from "node:url";
import { runInBed } from "../bed/run.ts";
import { LabError } from "../errors.ts";
import { requireMachine } from "../preflight/probe.ts";
import { parseDemoFlags } from "./flags.ts";

// `npm run demo -- …`
const args = process.argv.slice(2);
parseDemoFlags(args);
try {
  requireMachine({ tun: true });
  process.exitCode = await runInBed({ entry: fileURLToPath(new URL("play.ts", import.meta.url)), args });
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
