import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { nftContract } from "./contract.ts";
import { KernelNftTable } from "./kernel.ts";

// Runs inside a namespace of its own; see kernel/namespace.ts of common.
const table = new KernelNftTable(createCommandRunner());

export const cases: readonly NamespaceCase[] = nftContract.map(({ name, run }) => ({
  name,
  async run() {
    await table.commit([{ kind: "drop" }]);
    await run(table);
  },
}));
