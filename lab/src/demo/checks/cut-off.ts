import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Machine } from "../../handles/machine.ts";
import type { LabNode } from "../../handles/node.ts";
import { removeManifest, writeManifest } from "../../manifests/write.ts";
import { within } from "../ask.ts";
import { expect } from "../check.ts";
import type { Check } from "../check.ts";
import { urlOf } from "../stage.ts";
import type { Pair, Stage } from "../stage.ts";

/** What the cluster `crooked` claims: the node's own second network is inside it. */
const CLAIM = "198.51.0.0/16";

/** A remote cluster claims what a node needs for itself. */
export function cutOffChecks(pairs: readonly Pair[]): Check<Stage>[] {
  const pair = pairs[0];
  return pair ? [crooked(pair.to)] : [];
}

function crooked(cluster: Pair["to"]): Check<Stage> {
  const [first, second] = [cluster.node(1), cluster.node(2)];
  let leg: Promise<Leg> | undefined;
  return {
    name: `cluster crooked claims ${CLAIM}: ${first.name}, which has a network inside, refuses it; ${second.name} takes it`,
    prove: async (stage) => {
      const { limit } = stage;
      const { address } = await (leg ??= addLeg(stage, first));
      const load = await first.load({ urls: [urlOf(address)], ratePerSecond: 20, timeoutMs: limit(1000) });
      const path = join(cluster.directory, "meshclusters/crooked.yaml");
      try {
        mkdirSync(join(cluster.directory, "../crooked"), { recursive: true });
        writeManifest(path, [meshCluster(join(cluster.directory, "../crooked"))]);
        const { ms } = await within(limit(4000), `${second.name} took crooked`, async () => (await routesOf(second)).includes(CLAIM) || undefined);
        await sleep(limit(1000));
        const requests = await load.stop();
        const lost = requests.filter(({ error }) => error !== undefined);
        expect(lost.length === 0, `${first.name} lost ${lost.length} of ${requests.length} answers of ${address} (${lost[0]?.error})`);
        await expectRefusal(stage, first);
        return `${second.name} took it after ${ms} ms; ${first.name} shows WouldCutOff and got ${requests.length} of ${requests.length} answers of ${address}`;
      } finally {
        removeManifest(path);
        await load.stop();
        await within(2 * limit(4000), "crooked was forgotten", async () => !(await routesOf(second)).includes(CLAIM) || undefined);
      }
    },
    twin: {
      takes: `the check of ${first.name} (--unsafe-skip-lifeline)`,
      take: async ({ mesh }) => {
        const restart = (flags: readonly string[]) =>
          Promise.all((["tunneld", "proxyd"] as const).map((name) => mesh.startHost(name, cluster, first, flags)));
        await restart(["--unsafe-skip-lifeline"]);
        return async () => void (await restart([]));
      },
    },
  };
}

interface Leg {
  readonly address: string;
  readonly host: Machine;
}

async function addLeg({ lab }: Stage, node: LabNode): Promise<Leg> {
  const { plan, host } = await lab.addLeg(node);
  return { address: plan.host.v4, host };
}

async function expectRefusal({ mesh }: Stage, node: LabNode): Promise<void> {
  for (const name of ["tunneld", "proxyd"] as const) {
    const { conditions } = await mesh.status(node, name);
    const shown = conditions.some(({ object, type }) => object === "MeshCluster crooked" && type === "WouldCutOff");
    expect(shown, `${name} of ${node.name} does not show WouldCutOff: ${JSON.stringify(conditions)}`);
  }
}

/** Routes to Services: in table local by IPVS, in table main by nftables. */
const routesOf = (node: LabNode): Promise<string> => node.exec(["ip", "route", "show", "table", "all", "protocol", "215"]);

const meshCluster = (directory: string) => ({
  apiVersion: "sdn-tunnel.io/v1alpha1",
  kind: "MeshCluster",
  metadata: { name: "crooked" },
  spec: { podCIDRs: [{ cidr: "10.248.0.0/16" }], serviceCIDRs: [{ cidr: CLAIM }], source: { directory } },
});
