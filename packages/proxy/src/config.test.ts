import assert from "node:assert/strict";
import { CommonError } from "@sdn-tunnel/common/errors";
import { describe, it } from "vitest";
import { parseConfig } from "./config.ts";

const base = ["--source", "/etc/sdn-tunnel/east", "--cluster-name", "east", "--node-name", "node-1"];

function problemsOf(args: readonly string[]): string {
  try {
    parseConfig(args);
  } catch (error) {
    assert.ok(error instanceof CommonError);
    return error.message;
  }
  return assert.fail("accepted");
}

describe("parseConfig()", () => {
  it("has defaults", () => {
    assert.deepEqual(parseConfig(base), {
      source: "/etc/sdn-tunnel/east",
      clusterName: "east",
      nodeName: "node-1",
      runDir: "/run/sdn-tunnel",
      stateDir: "/var/lib/sdn-tunnel",
      http: { host: "127.0.0.1", port: 9566 },
      logLevel: "info",
      backend: "auto",
      nodeIPs: [],
      subnets: [],
      addresses: [],
      dryRun: false,
      cleanup: false,
      skipLifeline: false,
    });
  });

  it("takes every flag", () => {
    const args = ["--backend", "nftables", "--address", "10.10.1.1", "--address", "fd00:10::1", "--node-ip", "192.0.2.1", "--node-subnet", "10.10.1.0/24", "--node-subnet", "fd00:10::/64", "--unsafe-skip-lifeline"];
    const { backend, addresses, nodeIPs, subnets, skipLifeline } = parseConfig([...base, ...args]);
    assert.deepEqual({ backend, addresses, nodeIPs, subnets, skipLifeline }, {
      backend: "nftables",
      addresses: ["10.10.1.1", "fd00:10::1"],
      nodeIPs: ["192.0.2.1"],
      subnets: ["10.10.1.0/24", "fd00:10::/64"],
      skipLifeline: true,
    });
  });

  it("says everything that is wrong, not only the first", () => {
    const message = problemsOf(["--source", "s", "--cluster-name", "East", "--node-name", "a b", "--http", "foo", "--dry-run", "--cleanup", "--node-subnet", "10.10.1.0/24", "--address", "10.10.2.1", "--address", "10.10.1.1"]);
    for (const part of ["--http", "--cluster-name", "--node-name", "--address: 10.10.2.1 is in none", "--address: 10.10.2.1 and 10.10.1.1 are both IPv4", "--cleanup"])
      assert.ok(message.includes(part), `${part} is missing in: ${message}`);
  });

  it("says which backends there are", () => {
    assert.match(problemsOf([...base, "--backend", "iptables"]), /Cannot accept backend "iptables": accepted are auto, ipvs and nftables/);
  });
});
