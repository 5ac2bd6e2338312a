import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { ClusterPlan } from "./addresses.ts";
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
  return table(rules);
}

/**
 * As OpenShift SDN does (OPENSHIFT-MASQUERADE): pods that talk to anything but pods appear as the node. And, where
 * the bridge's conntrack is not the host's: a pod that asks an own Service does so too, or the reply, which br0 brings
 * to it directly, would never be translated back.
 */
export function renderOpenshiftMasquerade({ podCIDRs, serviceCIDRs, datapath }: ClusterPlan): string {
  const { v4, v6 } = podCIDRs;
  return table([
    `ip saddr ${v4} ip daddr != ${v4} masquerade`,
    `ip6 saddr ${v6} ip6 daddr != ${v6} masquerade`,
    ...(datapath === "userspace" ? [`ip daddr ${v4} ct original ip daddr ${serviceCIDRs.v4} masquerade`] : []),
  ]);
}

function table(rules: readonly string[]): string {
  return [
    "table inet lab_cni {",
    "  chain postrouting {",
    "    type nat hook postrouting priority srcnat; policy accept;",
    ...rules.map((rule) => `    ${rule}`),
    "  }",
    "}",
  ].join("\n");
}
