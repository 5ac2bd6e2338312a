import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { kvmIsWorthTrying, noteKvmFailure } from "./kvm.ts";

let cache = "";
beforeEach(() => void (cache = mkdtempSync(join(tmpdir(), "sdn-kvm-"))));
afterEach(() => rmSync(cache, { recursive: true }));

it("does not try again what failed since the host booted", () => {
  noteKvmFailure(cache, "6.1.0-56-amd64");
  expect(kvmIsWorthTrying(cache, "6.1.0-56-amd64")).toBe(false);
});

it("tries another kernel, and the same one after another boot, wherever KVM is there", () => {
  const isThere = kvmIsWorthTrying(cache, "6.1.0-56-amd64");
  noteKvmFailure(cache, "6.1.0-56-amd64");
  expect(kvmIsWorthTrying(cache, "6.12.0-1-amd64")).toBe(isThere);
  writeFileSync(join(cache, "kvm-fails-6.1.0-56-amd64"), "another boot");
  expect(kvmIsWorthTrying(cache, "6.1.0-56-amd64")).toBe(isThere);
});
