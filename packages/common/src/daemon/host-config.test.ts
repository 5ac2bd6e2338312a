import { describe, expect, it } from "vitest";
import { CommonError } from "../errors.ts";
import { hostCommand, parseFlags } from "./flags.ts";
import { completeHostFlags } from "./host-config.ts";

const base = ["--source", "/etc/sdn-tunnel/east", "--cluster-name", "east", "--node-name", "node-1"];
const command = () => hostCommand({ name: "sdn-testd", description: "a test", http: "127.0.0.1:9000" }).option("--own <text>", "a flag of its own", "preset");
const complete = (...args: string[]) => completeHostFlags("sdn-testd", parseFlags(command(), [...base, ...args]));

function problemsOf(...args: string[]): string[] {
  try {
    complete(...args);
  } catch (error) {
    if (error instanceof CommonError && error.fault.code === "INVALID_FLAGS") return error.fault.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe("completeHostFlags()", () => {
  it("has defaults, and lets a daemon's own flags through", () =>
    expect(complete()).toEqual({
      source: "/etc/sdn-tunnel/east",
      clusterName: "east",
      nodeName: "node-1",
      stateDir: "/var/lib/sdn-tunnel",
      runDir: "/run/sdn-tunnel",
      http: { host: "127.0.0.1", port: 9000 },
      logLevel: "info",
      nodeIPs: [],
      subnets: [],
      addresses: [],
      dryRun: false,
      cleanup: false,
      skipLifeline: false,
      own: "preset",
    }));

  it("gathers flags that are repeated", () => {
    const args = ["--address", "10.10.1.1", "--address", "fd00:10::1", "--node-ip", "192.0.2.1", "--node-subnet", "10.10.1.0/24", "--node-subnet", "fd00:10::/64"];
    expect(complete(...args, "--unsafe-skip-lifeline")).toMatchObject({
      addresses: ["10.10.1.1", "fd00:10::1"],
      nodeIPs: ["192.0.2.1"],
      subnets: ["10.10.1.0/24", "fd00:10::/64"],
      skipLifeline: true,
    });
  });

  for (const { name, args, problems } of [
    { name: "a cluster name that is no label", args: ["--cluster-name", "East"], problems: [/^--cluster-name: "East" must be an RFC 1123 label/] },
    { name: "a node name that is no DNS name", args: ["--node-name", "a b"], problems: [/^--node-name: "a b" must be a lower case DNS name/] },
    { name: "an address outside the subnets", args: ["--node-subnet", "10.10.1.0/24", "--address", "10.10.2.1"], problems: [/^--address: 10\.10\.2\.1 is in none of --node-subnet 10\.10\.1\.0\/24$/] },
    { name: "two addresses of one family", args: ["--address", "fd00::1", "--address", "fd00::2"], problems: [/^--address: fd00::1 and fd00::2 are both IPv6; accepted is one per family$/] },
    { name: "a clean-up that is to change nothing", args: ["--cleanup", "--dry-run"], problems: [/^--cleanup: cannot be combined with --dry-run$/] },
    { name: "an HTTP address without a port", args: ["--http", "foo"], problems: [/^--http: Cannot parse "foo"/] },
    { name: "several at once", args: ["--http", "foo", "--node-name", "a b", "--cleanup", "--dry-run"], problems: [/^--http/, /^--node-name/, /^--cleanup/] },
  ])
    it(`refuses ${name}`, () => expect(problemsOf(...args)).toEqual(problems.map((problem) => expect.stringMatching(problem))));
});
