import { runInBed } from "../bed/run.ts";

// The first program in a virtual machine: makes a bed there, as on the host, and runs the program of its arguments in it.
const [entry = "", ...args] = process.argv.slice(2);
process.exitCode = await runInBed({ entry, args });
