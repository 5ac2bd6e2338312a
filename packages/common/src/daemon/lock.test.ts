import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { CommonError } from "../errors.ts";
import { acquireLock } from "./lock.ts";

/** Unlike that of any other run on this machine. */
const unique = (name: string): string => `test-${process.pid}-${name}`;

let holder: ChildProcess | undefined;
afterEach(() => void holder?.kill("SIGKILL"));

/** Starts another process that holds the lock. */
async function hold(name: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("../../testing/hold-lock.ts", import.meta.url));
  holder = spawn(process.execPath, ["--conditions=source", script, name], { stdio: ["ignore", "pipe", "inherit"] });
  if (!holder.stdout) throw new Error("Cannot read what the holder says");
  const [said] = (await once(holder.stdout, "data")) as [Buffer];
  expect(String(said)).toBe("held\n");
  return holder;
}

describe("acquireLock()", () => {
  it("refuses a second holder until the first lets go", async () => {
    const name = unique("twice");
    {
      await using _ = await acquireLock(name);
      await expect(acquireLock(name)).rejects.toThrow(CommonError);
      await expect(acquireLock(name)).rejects.toThrow(`Cannot start: another instance holds the lock ${name} on this node; stop it first`);
    }
    await using _ = await acquireLock(name);
  });

  it("holds locks of other names apart", async () => {
    await using _a = await acquireLock(unique("a"));
    await expect(acquireLock(unique("b")).then((lock) => lock[Symbol.asyncDispose]())).resolves.toBeUndefined();
  });

  it("refuses a second process, and is free at once when the first is killed", async () => {
    const name = unique("killed");
    const other = await hold(name);
    await expect(acquireLock(name)).rejects.toThrow(CommonError);
    other.kill("SIGKILL");
    await once(other, "exit");
    await using _ = await acquireLock(name);
  });
});
