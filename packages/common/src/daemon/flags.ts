import { Command, CommanderError, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { CommonError, messageOf } from "../errors.ts";
import { parseAddress } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { parsePrefix } from "../net/prefix.ts";
import type { Prefix } from "../net/prefix.ts";
import { logLevels } from "./log.ts";
import { version } from "./version.ts";

/** A flag's value, checked by `parse`; its RangeError becomes the flag's message. */
export function flagOf<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
  };
}

/** The same for a flag that may be repeated: values gather in order. */
export function flagsOf<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => readonly T[] {
  const one = flagOf(parse);
  return (text, before) => [...before, one(text)];
}

/** A whole number within bounds, for `flagOf()`. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new RangeError(`must be a whole number from ${min} to ${max}`);
  };

const noPrefixes: readonly Prefix[] = [];
const noAddresses: readonly Address[] = [];

/** A daemon's command with the flags that all of them have; `http` is where it serves health and metrics. */
export function daemonCommand({ name, description, http }: { name: string; description: string; http: string }) {
  return new Command(name)
    .description(description)
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .requiredOption("--source <dir>", "folder of manifests of the local cluster")
    .requiredOption("--cluster-name <name>", "which MeshCluster is the local one")
    .option("--http <host:port>", "where to serve /healthz, /readyz, /metrics and /status", http)
    .addOption(new Option("--log-level <level>", "least severe lines to write").choices(logLevels).default("info" as const))
    .option("--dry-run", "print the commands that would be applied, change nothing, exit", false);
}

/** The flags of a daemon that runs on every node. */
export function hostCommand(options: { name: string; description: string; http: string }) {
  return daemonCommand(options)
    .requiredOption("--node-name <name>", "name of this node")
    .option("--state-dir <dir>", "what must survive a reboot: keys, sysctls that were changed", "/var/lib/sdn-tunnel")
    .option("--run-dir <dir>", "what must not: health.json", "/run/sdn-tunnel")
    .option("--node-ip <address>", "address of this node; repeatable", flagsOf(parseAddress), noAddresses)
    .option("--node-subnet <prefix>", "pod addresses behind this node; repeatable", flagsOf(parsePrefix), noPrefixes)
    .option("--address <address>", "this node's own address inside its subnets; repeatable", flagsOf(parseAddress), noAddresses)
    .option("--cleanup", "remove exactly what this daemon put on this node, exit", false)
    .option("--unsafe-skip-lifeline", "apply clusters even if that would cut this node off", false);
}

/** Anything that `parseFlags()` can parse. */
interface Parseable<Options> {
  name(): string;
  parse(argv: readonly string[], from: { from: "user" }): { opts(): Options };
}

/**
 * Parses the arguments behind the program's name. `--help` and `--version` print and exit 0.
 *
 * @throws {CommonError} `INVALID_FLAGS`
 */
export function parseFlags<Options>(command: Parseable<Options>, args: readonly string[]): Options {
  try {
    return command.parse(args, { from: "user" }).opts();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) process.exit(0);
    const problems = [{ path: "", message: `${error.message.replace(/^error: /, "").replaceAll("\n", " ")}; see --help` }];
    throw new CommonError({ code: "INVALID_FLAGS", command: command.name(), problems });
  }
}
