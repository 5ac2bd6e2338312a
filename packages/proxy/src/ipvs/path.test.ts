import assert from "node:assert/strict";
import { describe, it } from "vitest";
import type { Chain } from "@sdn-tunnel/common/netfilter/chain";
import { obstacleToIpvs } from "./path.ts";

const chain = (text: string, policy?: string): Chain => {
  const [family = "", table = "", name = "", hook] = text.split(" ");
  return { family, table, name, ...(hook === undefined ? {} : { hook }), ...(policy === undefined ? {} : { policy }) };
};

const cases: { name: string; chains?: Chain[]; devices?: string[]; legacyTables?: string[]; want: RegExp | undefined }[] = [
  { name: "nothing on an empty node", want: undefined },
  { name: "nothing where INPUT of iptables drops: it can be opened", chains: [chain("ip filter INPUT input", "drop"), chain("ip6 filter INPUT input", "drop")], want: undefined },
  { name: "nothing where FORWARD drops: IPVS traffic does not pass it", chains: [chain("inet filter forward forward", "drop")], want: undefined },
  { name: "a base chain of another table that drops", chains: [chain("inet filter input input", "drop")], want: /^chain inet filter input drops/ },
  { name: "a chain of the same name in the family inet", chains: [chain("inet filter INPUT input", "drop")], want: /^chain inet filter INPUT drops/ },
  { name: "firewalld, which refuses by a rule", chains: [chain("inet firewalld filter_INPUT input", "accept")], want: /^chain inet firewalld/ },
  { name: "kube-proxy in IPVS mode", devices: ["lo", "kube-ipvs0"], want: /^kube-proxy in IPVS mode was here/ },
  { name: "kube-router", devices: ["kube-dummy-if"], want: /^kube-router/ },
  { name: "iptables-legacy", legacyTables: ["nat", "filter"], want: /^iptables-legacy/ },
  { name: "nothing in iptables-legacy's nat table", legacyTables: ["nat"], want: undefined },
];

describe("obstacleToIpvs()", () => {
  for (const { name, chains = [], devices = [], legacyTables = [], want } of cases)
    it(`finds ${name}`, () => {
      const found = obstacleToIpvs({ chains, devices, legacyTables });
      if (want) assert.match(found ?? "", want);
      else assert.equal(found, undefined);
    });
});
