import { fileURLToPath } from "node:url";
import { runInEngine } from "../engine/run-in-engine.ts";
import { LabError } from "../errors.ts";
import { requireMachine } from "../preflight/probe.ts";
import { prepareSdn } from "../sdn/prepare.ts";
import { parseDemoFlags } from "./flags.ts";

/** A guest whose demo takes longer hangs. */
const VM_LIMIT_MS = 600_000;

// `npm run demo -- …`
const args = process.argv.slice(2);
const { engine, sdn } = parseDemoFlags(args);
try {
  if (engine === "host") requireMachine({ tun: true });
  if (sdn === "openshift") await prepareSdn(engine);
  process.exitCode = await runInEngine({ engine, entry: fileURLToPath(new URL("play.ts", import.meta.url)), args, timeoutMs: VM_LIMIT_MS });
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
