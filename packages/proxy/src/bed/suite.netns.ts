import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { removeAll } from "../remove.ts";
import type { DataPlaneCases } from "./ask.netns.ts";
import { balancing } from "./balancing.netns.ts";
import { buildBed, run } from "./bed.netns.ts";
import { neighbours } from "./neighbours.netns.ts";
import { ownership } from "./ownership.netns.ts";
import { Subject } from "./subject.netns.ts";

const shared: DataPlaneCases = { ...balancing, ...neighbours, ...ownership };

/** Names of the cases that every backend passes. */
export const dataPlaneNames: readonly string[] = Object.keys(shared);

/** The data plane's cases by one backend, in this network namespace. */
export async function dataPlane(kind: "nftables" | "ipvs", more: DataPlaneCases = {}): Promise<readonly NamespaceCase[]> {
  const bed = await buildBed();
  return Object.entries({ ...shared, ...more }).map(([name, test]) => ({
    name: `${kind}: ${name}`,
    async run() {
      using proxy = new Subject(kind);
      try {
        await proxy.pass();
        await test(bed, proxy);
      } finally {
        await removeAll(proxy.backends, proxy.routing);
        for (const table of ["inet stranger", "ip filter", "ip6 filter", "ip nat"]) run(`nft add table ${table}`);
        for (const table of ["inet stranger", "ip filter", "ip6 filter", "ip nat"]) run(`nft delete table ${table}`);
        run("conntrack -F");
      }
    },
  }));
}
