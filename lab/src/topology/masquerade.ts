import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { both } from "./dual.ts";
import type { Dual } from "./dual.ts";

/**
 * The masquerading of the lab's CNI as a table for nft(8): flannel's two rules for each family. Pods that talk
 * to anything else, and anything else that talks to pods, appear as the node. The second rule hides the source of
 * what comes from another cluster, until somebody exempts it.
 */
export function renderMasquerade(podCIDRs: Dual<Prefix>): string {
  const rules = both(podCIDRs).flatMap((pods, i) => {
    const family = i === 0 ? "ip" : "ip6";
    return [`${family} saddr ${pods} ${family} daddr != ${pods} masquerade`, `${family} saddr != ${pods} ${family} daddr ${pods} masquerade`];
  });
  return [
    "table inet lab_cni {",
    "  chain postrouting {",
    "    type nat hook postrouting priority srcnat; policy accept;",
    ...rules.map((rule) => `    ${rule}`),
    "  }",
    "}",
  ].join("\n");
}
