import { createCommandRunner } from "@sdn-tunnel/common/daemon/command";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { packetContract } from "./contract.ts";
import { NftPacketRules } from "./nft.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common.
export const cases: readonly NamespaceCase[] = packetContract.map(({ name, run }) => ({
  name,
  async run() {
    const rules = new NftPacketRules(createCommandRunner());
    await run(rules);
    await rules.remove();
  },
}));
