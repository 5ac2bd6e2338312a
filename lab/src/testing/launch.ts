import { runInBed } from "../bed/run.ts";
import { requireMachine } from "../preflight/probe.ts";

// usage: launch.ts PROGRAM      runs a program of this repository in a bed, as the user that it is started by
requireMachine({ tun: true });
process.exitCode = await runInBed({ entry: process.argv[2]! });
