import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packageOf } from "./tools.mjs";

/** A checkout for tests: the real bootstrap, an empty set of npm packages, a demo of the test's choice, and a PATH of its own. */
export interface FakeCheckout extends Disposable {
  readonly root: string;
  /** The only directory in PATH; holds `node` and what `addProgram()` puts there. */
  readonly bin: string;
  readonly bootstrap: string;
  addProgram(name: string, script?: string): void;
}

/**
 * Makes one under the system's temporary directory, readable and writable by all.
 *
 * @param demo the text of lab/src/demo/main.ts
 */
export function makeCheckout(demo: string): FakeCheckout {
  const root = mkdtempSync(join(tmpdir(), "checkout-"));
  const bin = join(root, "fake-path");
  for (const folder of ["fake-path", "node_modules/node/bin", "lab/src/demo", ".cache/bin"])
    mkdirSync(join(root, folder), { recursive: true });
  for (const folder of [".", "fake-path", ".cache", ".cache/bin"]) chmodSync(join(root, folder), 0o777);
  cpSync(dirname(import.meta.dirname), join(root, "scripts"), { recursive: true, filter: (path) => !path.endsWith(".test.ts") });
  for (const lock of ["package-lock.json", "node_modules/.package-lock.json"])
    writeFileSync(join(root, lock), '{ "packages": {} }');
  for (const node of ["node_modules/node/bin/node", "fake-path/node"]) symlinkSync(process.execPath, join(root, node));
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  writeFileSync(join(root, "lab/src/demo/main.ts"), demo);
  const addProgram = (name: string, script = "exit 0") =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return {
    root,
    bin,
    bootstrap: join(root, "scripts", "bootstrap.mjs"),
    addProgram,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Adds every program of the tool table. */
export function addAllTools(checkout: FakeCheckout): void {
  for (const program of Object.keys(packageOf)) checkout.addProgram(program);
}
