import assert from "node:assert/strict";
import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import { Sabotage } from "@sdn-tunnel/common/daemon/sabotage";
import { describe, it } from "vitest";
import type { ServerKey } from "../services/server.ts";
import { IpvsadmTable } from "./ipvsadm-table.ts";
import type { IpvsOp } from "./table.ts";

const op: IpvsOp = { kind: "add-service", service: "tcp/172.31.0.7:80" as ServerKey, settings: { scheduler: "rr" } };

/** Applies on a kernel that has no IPVS, by a program that goes wrong each time. */
async function apply(fault: "killed at once" | "hangs"): Promise<{ errnos: string[]; calls: number }> {
  using sabotage = new Sabotage(["cat"]);
  const commands = createCommandRunner();
  let calls = 0;
  const table = new IpvsadmTable({
    run: (_, { input = "" } = {}) => {
      calls += 1;
      sabotage.arm("cat", fault, "*");
      return commands.run([`${sabotage.folder}/cat`], { input, timeoutMs: 200 });
    },
  });
  const { done, failed } = await table.apply([op]);
  assert.deepEqual(done, []);
  return { errnos: failed.map(({ errno }) => errno), calls };
}

describe("IpvsadmTable, when ipvsadm(8) goes wrong", () => {
  it("tries once more what did not arrive, and says how it ended", async () => {
    assert.deepEqual(await apply("killed at once"), { errnos: ["ended by SIGKILL"], calls: 2 });
    assert.deepEqual(await apply("hangs"), { errnos: ["killed after 200 ms"], calls: 2 });
  });

  it("says that it is not installed", async () => {
    const commands = createCommandRunner();
    const table = new IpvsadmTable({ run: (_, options) => commands.run(["no-such-ipvsadm", "-R"], options) });
    await assert.rejects(table.apply([op]), /no-such-ipvsadm -R.*not installed/);
  });
});
