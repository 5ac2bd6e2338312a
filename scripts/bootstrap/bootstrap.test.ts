import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type FakeCheckout, addAllTools, makeCheckout } from "./fake-checkout.ts";
import { packageOf } from "./tools.mjs";

const demo = `console.log(JSON.stringify({ args: process.argv.slice(2), execArgv: process.execArgv, path: process.env.PATH }));
process.exitCode = 7;`;
const newGo = `[ "$1" = version ] && { echo go version go1.26.8 linux/amd64; exit; }
echo "$*" CGO_ENABLED=$CGO_ENABLED >> "$GOBIN/../../go.log"
printf '#!/bin/sh\\n' > "$GOBIN/wireguard" && /bin/chmod +x "$GOBIN/wireguard"`;
const oldGo = `echo go version go1.19.8 linux/amd64`;
/** Writes what it was asked, and "installs" by making every program of the tool table. */
const aptGet = `echo "apt-get $*" >> "$PATH_DIR/../apt.log"
[ "$1" = install ] || exit 0
for p in ${Object.keys(packageOf).join(" ")} wireguard-go; do
  printf '#!/bin/sh\\necho wireguard-go v0.0.20220316\\n' > "$PATH_DIR/$p"; /bin/chmod +x "$PATH_DIR/$p"
done`;

/** Runs the bootstrap with nothing but the fake PATH; as user and group nobody unless `root`. */
function bootstrap(checkout: FakeCheckout, { args = ["demo"], root = false } = {}): SpawnSyncReturns<string> {
  const plain = process.geteuid?.() === 0 && !root ? { uid: 65_534, gid: 65_534 } : {};
  const env = { PATH: checkout.bin, PATH_DIR: checkout.bin };
  return spawnSync(process.execPath, [checkout.bootstrap, ...args], { encoding: "utf8", env, cwd: "/", ...plain });
}

describe("bootstrap, as a plain user", () => {
  it("prints the one command and ends with 1 when tools are missing", () => {
    using checkout = makeCheckout(demo);
    checkout.addProgram("go", newGo);
    checkout.addProgram("apt-get", aptGet);
    checkout.addProgram("sudo", "exit 1");
    const { status, stdout, stderr } = bootstrap(checkout, { args: ["demo"] });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    const commands = stderr.split("\n").filter((line) => line.startsWith("    "));
    expect(commands).toEqual([
      expect.stringMatching(/^ {4}sudo apt-get update && sudo apt-get install -y --no-install-recommends [a-z0-9 -]*tcpdump/),
    ]);
    expect(existsSync(join(checkout.root, "apt.log"))).toBe(false);
  });

  it("installs through sudo where it asks for no password", () => {
    using checkout = makeCheckout(demo);
    checkout.addProgram("go", newGo);
    checkout.addProgram("apt-get", aptGet);
    checkout.addProgram("sudo", '[ "$1" = -n ] || exit 1; shift; [ "$1" = true ] || exec "$@"');
    expect(bootstrap(checkout)).toMatchObject({ status: 7 });
    expect(readFileSync(join(checkout.root, "apt.log"), "utf8")).toMatch(/^apt-get update\napt-get install -y .*tcpdump.*\n$/);
  });

  it("asks for wireguard-go too where Go is too old to build it", () => {
    using checkout = makeCheckout(demo);
    addAllTools(checkout);
    checkout.addProgram("go", oldGo);
    checkout.addProgram("apt-get", aptGet);
    const { status, stderr } = bootstrap(checkout);
    expect(status).toBe(1);
    expect(stderr).toContain("su -c 'apt-get update && apt-get install -y --no-install-recommends wireguard-go'\n");
  });

  it("says what is missing where there is no apt-get", () => {
    using checkout = makeCheckout(demo);
    checkout.addProgram("go", newGo);
    const { status, stderr } = bootstrap(checkout);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^setup: Cannot start: system tools are missing .* apt-get is not there .*tcpdump/m);
  });

  it("starts what needs no tools without them", () => {
    using checkout = makeCheckout(demo);
    expect(bootstrap(checkout, { args: ["lint"] }).stderr).toContain("oxlint"); // which the fake checkout lacks
    expect(bootstrap(checkout, { args: ["lint"] }).stderr).not.toContain("setup:");
  });
});

describe.runIf(process.geteuid?.() === 0)("bootstrap, as root", () => {
  it("installs what is missing, then starts the program, and does neither again", () => {
    using checkout = makeCheckout(demo);
    checkout.addProgram("go", newGo);
    checkout.addProgram("apt-get", aptGet);
    expect(bootstrap(checkout, { root: true })).toMatchObject({ status: 7 });
    const again = bootstrap(checkout, { root: true });
    expect(again).toMatchObject({ status: 7, stderr: "" });
    expect(readFileSync(join(checkout.root, "apt.log"), "utf8").match(/apt-get install/g)).toHaveLength(1);
  });

  it("takes Debian's wireguard-go without a usable Go, and says so", () => {
    using checkout = makeCheckout(demo);
    checkout.addProgram("go", oldGo);
    checkout.addProgram("apt-get", aptGet);
    expect(bootstrap(checkout, { root: true })).toMatchObject({ status: 7 });
    const path = join(checkout.root, ".cache/bin/wireguard-go");
    expect(readlinkSync(path)).toBe(join(checkout.bin, "wireguard-go"));
    expect(JSON.parse(readFileSync(`${path}.json`, "utf8"))).toEqual({ source: "package", version: "v0.0.20220316", path });
  });

  it("falls back to the package when the build fails", () => {
    using checkout = makeCheckout(demo);
    checkout.addProgram("go", `${newGo}\n/bin/rm "$GOBIN/wireguard"; echo no such module >&2; exit 1`);
    checkout.addProgram("apt-get", aptGet);
    const { status, stderr } = bootstrap(checkout, { root: true });
    expect(status).toBe(7);
    expect(stderr).toMatch(/no such module\nsetup: wireguard-go could not be built.*\n.*apt-get/);
  });
});

describe("bootstrap, when all is there", () => {
  it("starts the program under the pinned Node, first in PATH, with arguments and exit code passed through", () => {
    using checkout = makeCheckout(demo);
    addAllTools(checkout);
    checkout.addProgram("go", newGo);
    const { status, stdout } = bootstrap(checkout, { args: ["demo", "--", "--json", "two words"] });
    expect(status).toBe(7);
    expect(JSON.parse(stdout)).toEqual({
      args: ["--json", "two words"],
      execArgv: ["--conditions=source"],
      path: expect.stringMatching(
        new RegExp(`^${checkout.root}/node_modules/node/bin:${checkout.root}/node_modules/.bin:${checkout.bin}:`),
      ),
    });
  });

  it("builds the pinned wireguard-go once, statically", () => {
    using checkout = makeCheckout(demo);
    addAllTools(checkout);
    checkout.addProgram("go", newGo);
    for (const _run of [1, 2]) bootstrap(checkout);
    const log = readFileSync(join(checkout.root, "go.log"), "utf8").split("\n");
    expect(log).toEqual([
      expect.stringMatching(/^install -trimpath -ldflags=-s -w golang\.zx2c4\.com\/wireguard@v\S+ CGO_ENABLED=0$/),
      "",
    ]);
    const path = join(checkout.root, ".cache/bin/wireguard-go");
    expect(JSON.parse(readFileSync(`${path}.json`, "utf8"))).toMatchObject({ source: "module", path });
  });

  it("refuses an unknown command", () => {
    using checkout = makeCheckout(demo);
    expect(bootstrap(checkout, { args: ["demos"] })).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining('Cannot run "demos"'),
    });
  });
});

describe("bootstrap, without npm packages", () => {
  it("says so when npm is not there", () => {
    using checkout = makeCheckout(demo);
    spawnSync("rm", ["-r", join(checkout.root, "node_modules")]);
    expect(bootstrap(checkout)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/Cannot run npm: .*ENOENT.*Install npm/),
    });
  });

  it("passes on npm's own error, and says what to do", () => {
    using checkout = makeCheckout(demo);
    spawnSync("rm", ["-r", join(checkout.root, "node_modules")]);
    checkout.addProgram("npm", "echo npm error network >&2; exit 1");
    const { status, stderr } = bootstrap(checkout);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /npm error network\nsetup: Cannot install the npm packages: npm ended with 1.*registry must be reachable/,
    );
  });
});
