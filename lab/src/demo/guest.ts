import { fileURLToPath } from "node:url";
import { runInBed } from "../bed/run.ts";

// The demo's first program in a virtual machine: the bed is made inside, as on the host.
process.exitCode = await runInBed({ entry: fileURLToPath(new URL("play.ts", import.meta.url)), args: process.argv.slice(2) });
