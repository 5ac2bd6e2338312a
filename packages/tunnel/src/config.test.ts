import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { parseConfig } from "./config.ts";

const needed = ["--source", "east", "--cluster-name", "east", "--node-name", "east-1"];

const refusals: { name: string; args: string[]; want: RegExp }[] = [
  { name: "a flag that is needed", args: [], want: /--source/ },
  { name: "an unknown flag", args: [...needed, "--sauce", "x"], want: /--sauce/ },
  { name: "an address that is none", args: [...needed, "--node-ip", "192.0.2.300"], want: /--node-ip.*Cannot parse address "192\.0\.2\.300".*accepted are/ },
  { name: "a subnet with host bits", args: [...needed, "--node-subnet", "10.1.2.3/24"], want: /--node-subnet.*did you mean 10\.1\.2\.0\/24/ },
  { name: "an endpoint without a port", args: [...needed, "--endpoint", "vpn.example"], want: /--endpoint.*accepted are "203\.0\.113\.7:5555"/ },
  { name: "a port that is too large", args: [...needed, "--endpoint", "vpn.example:70000"], want: /--endpoint/ },
  { name: "a preference that belongs to the kernel", args: [...needed, "--rule-preference", "32766"], want: /--rule-preference.*from 1 to 32765/ },
  {
    name: "several contradictions, all at once",
    args: ["--source", "e", "--cluster-name", "e", "--node-name", "East_1", "--node-subnet", "10.1.0.0/24", "--address", "10.2.0.1", "--dry-run", "--cleanup", "--http", "x"],
    want: /--http.*--node-name: "East_1" must be.*--address: 10\.2\.0\.1 is in none of.*--cleanup: cannot be combined/,
  },
];

describe("parseConfig", () => {
  it("fills in what is not given", () => {
    const config = parseConfig(needed);
    assert.deepEqual(
      [config.listenPort, config.rulePreference, config.http, config.stateDir, config.runDir, config.endpoint, config.dryRun],
      [5555, 600, { host: "127.0.0.1", port: 9565 }, "/var/lib/sdn-tunnel", "/run/sdn-tunnel", undefined, false],
    );
  });

  it("takes what is given", () => {
    const config = parseConfig([...needed, "--endpoint", "[2001:db8::7]:31555", "--node-ip", "192.0.2.1", "--node-ip", "2001:db8::1", "--unsafe-skip-lifeline"]);
    assert.deepEqual([config.endpoint, config.nodeIPs, config.skipLifeline], [{ host: "2001:db8::7", port: 31_555 }, ["192.0.2.1", "2001:db8::1"], true]);
  });

  for (const { name, args, want } of refusals) it(`refuses ${name}`, () => assert.throws(() => parseConfig(args), want));
});
