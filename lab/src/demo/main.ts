import { fileURLToPath } from "node:url";
import { runInBed } from "../bed/run.ts";
import { parseDemoFlags } from "./flags.ts";

const args = process.argv.slice(2);
parseDemoFlags(args);
process.exitCode = await runInBed({ entry: fileURLToPath(new URL("play.ts", import.meta.url)), args });
