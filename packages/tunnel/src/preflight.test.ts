import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "preflight-"));
afterAll(() => rmSync(folder, { recursive: true }));

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const flags = ["--source", folder, "--cluster-name", "east", "--node-name", "east-1", "--state-dir", folder, "--run-dir", folder];
const node = [process.execPath, "--conditions=source", main, ...flags];

/** Starts the daemon as root of namespaces of its own; returns its exit code and what it said. */
function start(argv: readonly string[]) {
  const { status, stderr } = spawnSync("unshare", ["--map-root-user", "--net", ...argv], { encoding: "utf8", timeout: 15_000 });
  return { status, said: stderr.trim() };
}

describe("sdn-tunneld, on a node that it cannot run on,", () => {
  it("says that it may not change the network", () => {
    const { status, said } = start(["setpriv", "--bounding-set=-net_admin", "--", ...node]);
    assert.equal(status, 1);
    assert.equal(
      said,
      "sdn-tunneld: Cannot change routes, packet rules and WireGuard of this node: this process lacks CAP_NET_ADMIN; " +
        "run as root, or with the capability NET_ADMIN on this network namespace",
    );
  });

  it("says which tool is missing, and what has it", () => {
    const { status, said } = start(["env", `PATH=${folder}`, ...node]);
    assert.deepEqual([status, said], [1, 'sdn-tunneld: Cannot run "nft --version": it is not installed; Debian has it in nftables']);
  });

  it("says what is wrong with its key, and leaves it alone", () => {
    mkdirSync(join(folder, "keys"));
    writeFileSync(join(folder, "keys", "a.key"), "half a k", { mode: 0o600 });
    const { status, said } = start(node);
    assert.equal(status, 1);
    assert.equal(readFileSync(join(folder, "keys", "a.key"), "utf8"), "half a k");
    assert.match(said, /^sdn-tunneld: Cannot use key file .*a\.key: it holds 8 bytes that are no key; .*move it away/m);
  });

  it("names every contradiction of its flags", () => {
    const { status, said } = start([...node, "--http", "x", "--dry-run", "--cleanup"]);
    assert.equal(status, 1);
    assert.match(said, /^sdn-tunneld: Cannot start sdn-tunneld: --http: .*; --cleanup: cannot be combined with --dry-run$/);
  });
});
