import { fileURLToPath } from "node:url";
import { runInBed } from "../run.ts";

// Started by npm in kill.test.ts: a bed like any other.
process.exitCode = await runInBed({
  entry: fileURLToPath(new URL("tenant.ts", import.meta.url)),
  ...(process.argv.includes("--rootless") ? { privileged: false } : {}),
});
