import { join } from "node:path";
import { REPOSITORY } from "../../processes/node-program.ts";
import { runInVm } from "../run.ts";

/** Runs the command of its arguments in the VM, as a command line would: a process for the tests to signal and kill. */
const [program = "true", ...args] = process.argv.slice(2);
const { code } = await runInVm({ argv: [program, ...args], cache: join(REPOSITORY, ".cache/vm"), timeoutMs: 120_000 });
process.exitCode = code;
