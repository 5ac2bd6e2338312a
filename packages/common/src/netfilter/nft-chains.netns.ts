import { execFileSync } from "node:child_process";
import { createCommandRunner } from "../daemon/command.ts";
import { NetlinkDoor } from "../kernel/door.ts";
import type { NamespaceCase } from "../kernel/namespace.ts";
import { openNetfilterSocket } from "../kernel/socket.ts";
import { readComments } from "./comments.ts";
import { chainsContract } from "./contract.ts";
import type { ChainsBed, OwnersRule } from "./contract.ts";
import { NftChains } from "./nft-chains.ts";

// Runs inside a namespace of its own; see kernel/namespace.ts.
const netfilter = new NetlinkDoor(openNetfilterSocket);
const nft = (input: string): void => void execFileSync("nft", ["-f", "-"], { input });
const rules: Readonly<Record<OwnersRule, string>> = {
  accept: "accept",
  "drop established": "ct state established drop",
  drop: "counter drop",
  reject: "reject",
  "jump sub": "jump sub",
  count: "counter",
};

const bed: ChainsBed = {
  chains: new NftChains(createCommandRunner(), (chain) => readComments(netfilter, chain)),
  async own({ family, table, name, hook, type, policy }, own) {
    const body = own.map((rule) => `    ${rules[rule]}\n`).join("");
    nft(`flush ruleset\ntable inet sdn_tunnel {\n  chain input {\n    type filter hook forward priority 0; policy drop;\n  }\n}
table ${family} ${table} {\n  chain sub {\n  }\n  chain ${name} {\n    type ${type} hook ${hook} priority 0; policy ${policy};\n${body}  }\n}\n`);
  },
};

export const cases: readonly NamespaceCase[] = chainsContract.map(({ name, run }) => ({ name, run: () => run(bed) }));
