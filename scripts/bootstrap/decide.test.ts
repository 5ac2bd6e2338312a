import { describe, expect, it } from "vitest";
import { decideInstallation, decideWireguardGo, missingPackages, parseGoVersion } from "./decide.mjs";

const plain = { platform: "linux", root: false, aptGet: true, sudo: true, sudoWithoutPassword: false };
const install = ["apt-get", "install", "-y", "--no-install-recommends", "curl", "nftables"];

describe("missingPackages", () => {
  const table = { nft: "nftables", ip: "iproute2", ss: "iproute2", dig: "dnsutils" };
  const cases = [
    { name: "asks for nothing when every program is there", has: ["nft", "ip", "ss", "dig"], want: [] },
    { name: "names a package once, however many of its programs are missing", has: ["nft", "dig"], want: ["iproute2"] },
    { name: "sorts", has: ["ip", "ss"], want: ["dnsutils", "nftables"] },
  ];
  for (const { name, has, want } of cases) {
    it(name, () => expect(missingPackages(table, (program) => has.includes(program))).toEqual(want));
  }
});

describe("decideInstallation", () => {
  const cases = [
    {
      name: "does nothing without missing packages, on any machine",
      packages: [],
      machine: { ...plain, aptGet: false },
      want: { kind: "nothing" },
    },
    {
      name: "installs as root",
      machine: { ...plain, root: true, sudo: false },
      want: { kind: "install", commands: [["apt-get", "update"], install] },
    },
    {
      name: "installs by sudo where it asks for no password, and makes sure that it never asks",
      machine: { ...plain, sudoWithoutPassword: true },
      want: {
        kind: "install",
        commands: [
          ["sudo", "-n", "apt-get", "update"],
          ["sudo", "-n", ...install],
        ],
      },
    },
    {
      name: "shows the one command with sudo",
      machine: plain,
      want: { kind: "ask", message: expect.stringContaining(`sudo apt-get update && sudo ${install.join(" ")}\n`) },
    },
    {
      name: "shows the one command with su where sudo is not installed",
      machine: { ...plain, sudo: false },
      want: { kind: "ask", message: expect.stringContaining(`su -c 'apt-get update && ${install.join(" ")}'\n`) },
    },
    {
      name: "names the packages where apt-get is not there, even to root",
      machine: { ...plain, root: true, aptGet: false },
      want: { kind: "ask", message: expect.stringMatching(/apt-get is not there.*: curl nftables$/) },
    },
  ];
  for (const { name, packages = ["curl", "nftables"], machine, want } of cases) {
    it(name, () => expect(decideInstallation(packages, machine)).toEqual(want));
  }
});

describe("decideWireguardGo", () => {
  const pinned = "v2";
  const built = { source: "module", version: "v2" };
  const older = { source: "module", version: "v1" };
  const debian = { source: "package", version: "0.0.20220316" };
  const cases = [
    { name: "keeps the pinned build, Go or not", cached: built, go: undefined, want: "cached" },
    { name: "builds where nothing is there", cached: undefined, go: [1, 26], want: "build" },
    { name: "builds with the oldest Go that can", cached: undefined, go: [1, 21], want: "build" },
    { name: "takes the package with a Go too old to build", cached: undefined, go: [1, 20], want: "package" },
    { name: "takes the package without Go", cached: undefined, go: undefined, want: "package" },
    { name: "builds anew when the pin moved", cached: older, go: [1, 26], want: "build" },
    { name: "takes the package when the pin moved and Go is gone", cached: older, go: undefined, want: "package" },
    { name: "keeps the package while there is no Go", cached: debian, go: undefined, want: "cached" },
    { name: "replaces the package once there is Go", cached: debian, go: [1, 24], want: "build" },
  ] as const;
  for (const { name, cached, go, want } of cases) {
    it(name, () => expect(decideWireguardGo({ cached, pinned, go })).toBe(want));
  }
});

describe("parseGoVersion", () => {
  const cases = [
    { output: "go version go1.26.8 linux/amd64\n", want: [1, 26] },
    { output: "go version go1.21 linux/arm64\n", want: [1, 21] },
    { output: "go version devel go1.27-abc123 linux/amd64\n", want: [1, 27] },
    { output: "", want: undefined },
    { output: "usage: go board game\n", want: undefined },
  ];
  for (const { output, want } of cases) {
    it(`reads ${JSON.stringify(output)}`, () => expect(parseGoVersion(output)).toEqual(want));
  }
});
