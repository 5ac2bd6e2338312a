import { fileURLToPath } from "node:url";
import { runInBed } from "./bed/run.ts";
import { LabError } from "./errors.ts";
import { requireMachine } from "./preflight/probe.ts";
import { prepareSdn } from "./sdn/prepare.ts";
import { parseShellCommand } from "./shell/flags.ts";

// `npm run lab -- …`
const args = process.argv.slice(2);
const command = parseShellCommand(args);
try {
  requireMachine({ tun: command.name === "check" || command.flags.daemons });
  if (command.name === "check") console.log("This machine can run the lab.");
  if (command.name === "up" && command.flags.sdn === "openshift") await prepareSdn("host");
  if (command.name === "up") process.exitCode = await runInBed({ entry: fileURLToPath(new URL("shell/stay.ts", import.meta.url)), args });
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
