import type { NodeNeeds } from "@sdn-tunnel/common/admit/lifeline";
import type { ClusterView, MeshView } from "@sdn-tunnel/common/admit/view";
import type { Condition } from "@sdn-tunnel/common/daemon/status";
import { messageOf } from "@sdn-tunnel/common/errors";
import type { Links } from "@sdn-tunnel/common/kernel/links";
import type { HostAddress } from "@sdn-tunnel/common/kernel/needs";
import type { Node } from "@sdn-tunnel/common/objects/node";
import type { TunnelConfig } from "./config.ts";
import { readKey } from "./keys/store.ts";
import type { PublicKey, SecretKey } from "./keys/key.ts";
import { ownFacts } from "./publish/facts.ts";
import type { Shadow } from "./shadow.ts";
import { judgeClusters } from "./situation.ts";
import type { Situation } from "./situation.ts";
import { deviceMtu } from "./wiring/linux.ts";

/** Where a full pass looks to find out how things stand. */
export interface ObserveNeeds {
  readonly view: MeshView;
  readonly links: Links;
  readonly nodeNeeds: () => Promise<NodeNeeds>;
  readonly hostAddresses: () => Promise<HostAddress[]>;
  /** This node's Kubernetes object. */
  readonly nodeObject: () => Node | undefined;
  readonly sinceStartMs: () => number;
  /** What stands in the way of the wiring on this node. */
  readonly wiringConditions: () => Promise<Condition[]>;
}

/** Reads what this node is and needs, and judges each cluster by it. */
export async function observeSituation(config: TunnelConfig, needs: ObserveNeeds, ownKey: PublicKey, shadow: Shadow): Promise<Situation> {
  const { view, links } = needs;
  const { clusters } = view;
  const object = needs.nodeObject();
  const hostAddresses = await needs.hostAddresses();
  const nodeIPs = config.nodeIPs.length > 0 ? config.nodeIPs : (object?.internalIPs ?? []);
  const mtu = deviceMtu(nodeIPs, hostAddresses, await links.list());
  const pins = [...clusters.values()].filter(({ local }) => local).flatMap((cluster) => cluster.config.podCIDRs.map(({ cidr }) => cidr));
  const own = ownFacts(config, { object, hostAddresses, publicKey: ownKey, pins, mtu });
  return judgeClusters({
    own: { ...own, conditions: [...own.conditions, ...unsupported(clusters.values()), ...(await needs.wiringConditions())] },
    mtu,
    clusters,
    needs: await needs.nodeNeeds(),
    endpoints: endpointsInUse(view, shadow),
    presharedKeys: await readPresharedKeys(clusters.values()),
    sinceStartMs: needs.sinceStartMs(),
    skipLifeline: config.skipLifeline,
  });
}

function unsupported(clusters: Iterable<ClusterView>): Condition[] {
  return [...clusters]
    .filter(({ local, config }) => local && config.topology === "gateway")
    .map(({ name }) => ({
      object: `MeshCluster ${name}`,
      type: "TopologyUnsupported",
      message: "spec.topology is gateway; this release does mesh: every node needs an endpoint that the others reach",
    }));
}

/** Endpoints that the kernel has and their node still publishes; one that merely roamed there is nobody's need. */
function endpointsInUse(view: MeshView, { peers, peerOwners }: Shadow) {
  return [...peers].flatMap(([key, { endpoint, wroteEndpoint = endpoint }]) => {
    const owner = peerOwners.of(key);
    const node = owner === undefined ? undefined : view.node(owner);
    const published = node?.tunnels.flatMap(({ endpoints }) => endpoints.map(({ host }) => host)) ?? [];
    return node && wroteEndpoint && published.includes(wroteEndpoint.host) ? [{ cluster: node.cluster, address: wroteEndpoint.host }] : [];
  });
}

/** A cluster whose key cannot be used gets the reason: it must not fall back to having none. */
async function readPresharedKeys(clusters: Iterable<ClusterView>): Promise<Map<string, SecretKey | string>> {
  const keys = new Map<string, SecretKey | string>();
  for (const { name, local, config } of clusters) {
    if (local) continue;
    if (config.presharedKeySecretRef) keys.set(name, "spec.presharedKeySecretRef: this release reads presharedKeyFile only");
    if (config.presharedKeyFile === undefined) continue;
    keys.set(name, await readKey(config.presharedKeyFile).catch((error: unknown) => messageOf(error)));
  }
  return keys;
}
