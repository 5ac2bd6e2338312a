import { afterEach, describe, expect, it, vi } from "vitest";
import { CommonError } from "../errors.ts";
import { flagOf, hostCommand, parseFlags, wholeNumber } from "./flags.ts";
import { version } from "./version.ts";

const command = () =>
  hostCommand({ name: "sdn-tunneld", description: "WireGuard mesh agent", http: "127.0.0.1:9565" }).option(
    "--rule-preference <n>",
    "preference of the routing rules",
    flagOf(wholeNumber(1, 32_765)),
    600,
  );

const needed = ["--source", "/etc/mesh", "--cluster-name", "east", "--node-name", "node-1"];

const parse = (...args: readonly string[]) => parseFlags(command(), [...needed, ...args]);

describe("the flags of a host daemon", () => {
  it("have defaults", () => {
    expect(parse()).toEqual({
      source: "/etc/mesh",
      clusterName: "east",
      nodeName: "node-1",
      http: "127.0.0.1:9565",
      logLevel: "info",
      dryRun: false,
      stateDir: "/var/lib/sdn-tunnel",
      runDir: "/run/sdn-tunnel",
      nodeIp: [],
      nodeSubnet: [],
      address: [],
      cleanup: false,
      unsafeSkipLifeline: false,
      rulePreference: 600,
    });
  });

  it("gather repeated addresses and prefixes in order, made canonical", () => {
    const flags = parse("--node-ip", "192.0.2.21", "--node-ip", "2001:DB8::21", "--node-subnet", "10.4.1.0/24", "--address=10.4.1.1");
    expect(flags).toMatchObject({ nodeIp: ["192.0.2.21", "2001:db8::21"], nodeSubnet: ["10.4.1.0/24"], address: ["10.4.1.1"] });
    expect(parse().nodeIp).toEqual([]);
  });
});

const refused = [
  { name: "an unknown flag", args: [...needed, "--sorce", "x"], says: "unknown option '--sorce' (Did you mean --source?)" },
  { name: "a missing flag", args: needed.slice(2), says: "required option '--source <dir>' not specified" },
  { name: "a flag without its value", args: [...needed, "--http"], says: "option '--http <host:port>' argument missing" },
  { name: "an argument that is no flag", args: [...needed, "start"], says: "too many arguments" },
  { name: "an unknown log level", args: [...needed, "--log-level", "loud"], says: "Allowed choices are debug, info, warn, error" },
  { name: "an address that is none", args: [...needed, "--node-ip", "192.0.2"], says: 'accepted are IPv4 "192.0.2.1" and IPv6 "2001:db8::1"' },
  { name: "a prefix with host bits", args: [...needed, "--node-subnet", "10.4.1.1/24"], says: "did you mean 10.4.1.0/24?" },
  { name: "a number out of bounds", args: [...needed, "--rule-preference", "0"], says: "must be a whole number from 1 to 32765" },
  { name: "a number that is none", args: [...needed, "--rule-preference", "6e2"], says: "must be a whole number from 1 to 32765" },
];

describe("parseFlags() refuses with one clear message", () => {
  for (const { name, args, says } of refused)
    it(name, () => {
      const parsed = () => parseFlags(command(), args);
      expect(parsed).toThrow(CommonError);
      expect(parsed).toThrow(says);
      expect(parsed).toThrow(/^Cannot start sdn-tunneld: [^\n]*; see --help$/);
    });
});

describe("parseFlags() prints and exits 0", () => {
  afterEach(() => vi.restoreAllMocks());

  for (const { flag, says } of [{ flag: "--version", says: `${version}\n` }, { flag: "--help", says: "Usage: sdn-tunneld [options]" }])
    it(flag, () => {
      const printed = vi.spyOn(process.stdout, "write").mockReturnValue(true);
      const exit = vi.spyOn(process, "exit").mockImplementation((code) => {
        throw new Error(`exit ${code}`);
      });
      expect(() => parseFlags(command(), [flag])).toThrow("exit 0");
      expect(exit).toHaveBeenCalledWith(0);
      expect(printed.mock.calls.map(([text]) => String(text)).join("")).toContain(says);
    });
});
