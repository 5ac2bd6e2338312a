import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, it } from "vitest";
import { generateKey, publicKeyOf, SecretKey } from "./key.ts";
import { loadOrCreateKey, readKey } from "./store.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "keys-"))));
afterEach(() => rm(folder, { recursive: true }));

describe("a key", () => {
  it("has the public key that wg(8) computes", () => {
    const key = generateKey();
    assert.equal(publicKeyOf(key), execFileSync("wg", ["pubkey"], { input: key.base64, encoding: "utf8" }).trim());
  });

  it("never shows itself", () => {
    const key = generateKey();
    for (const shown of [String(key), `${key}`, inspect({ key }), JSON.stringify({ key })]) assert.ok(!shown.includes(key.base64));
  });

  for (const text of ["", "short", `${"A".repeat(43)}=x`, "A".repeat(44), `${"A".repeat(42)}B=`])
    it(`is not ${JSON.stringify(text)}`, () => assert.throws(() => new SecretKey(text), /Cannot parse key: accepted are 32 bytes/));
});

describe("loadOrCreateKey", () => {
  const file = (): string => join(folder, "keys", "a.key");

  it("makes a key once: 0600 in a 0700 folder, the same at the next start", async () => {
    const first = await loadOrCreateKey(folder, "a");
    assert.equal((await stat(file())).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder, "keys"))).mode & 0o777, 0o700);
    assert.ok(first.equals(await loadOrCreateKey(folder, "a")));
    assert.ok(!first.equals(await loadOrCreateKey(folder, "b")));
  });

  it("closes a folder that is open to others", async () => {
    await loadOrCreateKey(folder, "a");
    await chmod(join(folder, "keys"), 0o755);
    await loadOrCreateKey(folder, "a");
    assert.equal((await stat(join(folder, "keys"))).mode & 0o777, 0o700);
  });

  it("refuses a key that others may read, and says what to do", async () => {
    await loadOrCreateKey(folder, "a");
    await chmod(file(), 0o640);
    await assert.rejects(loadOrCreateKey(folder, "a"), /Cannot use key file .*a\.key: its mode is 0640.*chmod 600/);
  });

  it("refuses a malformed key and does not overwrite it", async () => {
    await loadOrCreateKey(folder, "a");
    await writeFile(file(), "half a k");
    await assert.rejects(loadOrCreateKey(folder, "a"), /it holds 8 bytes that are no key.*move it away/);
    assert.equal(await readFile(file(), "utf8"), "half a k");
  });

  it("reads a preshared key as `wg genpsk` writes it", async () => {
    const psk = execFileSync("wg", ["genpsk"], { encoding: "utf8" });
    await writeFile(join(folder, "psk"), psk, { mode: 0o600 });
    assert.equal((await readKey(join(folder, "psk"))).base64, psk.trim());
  });
});
