import type { Condition } from "@sdn-tunnel/common/daemon/status";
import type { HostAddress } from "@sdn-tunnel/common/kernel/needs";
import type { MeshNode } from "@sdn-tunnel/common/mesh/mesh-node";
import { familyOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import { containsAddress, containsPrefix } from "@sdn-tunnel/common/net/overlap";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { Node } from "@sdn-tunnel/common/objects/node";
import type { PublicKey } from "../keys/key.ts";

/** What this node is told of itself on the command line; each wins over what is found out. */
export interface NodeFlags {
  readonly nodeName: string;
  readonly nodeIPs: readonly Address[];
  readonly subnets: readonly Prefix[];
  readonly addresses: readonly Address[];
  readonly endpoint?: { readonly host: string; readonly port: number } | undefined;
  readonly listenPort: number;
}

export interface NodeFindings {
  /** Its Kubernetes Node object. */
  readonly object: Node | undefined;
  readonly hostAddresses: readonly HostAddress[];
  readonly publicKey: PublicKey;
  /** Pod prefixes of the local cluster: what the others let it claim. */
  readonly pins: readonly Prefix[];
  readonly mtu: number;
}

/** This node as it is in the mesh. */
export interface OwnFacts {
  readonly subnets: readonly Prefix[];
  /** At most one per family. */
  readonly addresses: readonly Address[];
  readonly nodeIPs: readonly Address[];
  /** What is published; absent while something needed is missing, which a condition says. */
  readonly published: MeshNode | undefined;
  /** What others know as our endpoint is none of our own addresses. */
  readonly translated: boolean;
  readonly conditions: readonly Condition[];
}

/** Puts together what this node publishes of itself. */
export function ownFacts(flags: NodeFlags, findings: NodeFindings): OwnFacts {
  const { object, hostAddresses, pins } = findings;
  const subnets = flags.subnets.length > 0 ? flags.subnets : (object?.podCIDRs ?? []);
  const nodeIPs = flags.nodeIPs.length > 0 ? flags.nodeIPs : (object?.internalIPs ?? []);
  const candidates = flags.addresses.length > 0 ? flags.addresses : hostAddresses.map(({ address }) => address);
  const addresses = onePerFamily(subnets.flatMap((subnet) => candidates.find((a) => containsAddress(subnet, a)) ?? []));
  const endpoint = flags.endpoint ?? (nodeIPs[0] === undefined ? undefined : { host: nodeIPs[0], port: flags.listenPort, via: "NodeIP" });
  const missing = missingOf(flags.nodeName, { subnets, addresses, endpoint });
  const published =
    missing.length > 0 || !endpoint
      ? undefined
      : {
          kind: "MeshNode" as const,
          name: flags.nodeName,
          subnets: [...subnets],
          addresses: [...addresses],
          nodeIPs: [...nodeIPs],
          tunnels: [{ device: "a" as const, publicKey: findings.publicKey, endpoints: [endpoint] }],
          mtu: findings.mtu,
          features: [],
        };
  const outside = subnets.filter((subnet) => !pins.some((pin) => containsPrefix(pin, subnet)));
  const translated = endpoint !== undefined && !nodeIPs.some((ip) => ip === endpoint.host);
  return { subnets, addresses, nodeIPs, published, translated, conditions: [...missing, ...outside.map((s) => outsidePins(flags.nodeName, s))] };
}

function missingOf(
  name: string,
  { subnets, addresses, endpoint }: { subnets: readonly Prefix[]; addresses: readonly Address[]; endpoint: object | undefined },
): Condition[] {
  const object = `MeshNode ${name}`;
  if (subnets.length === 0)
    return [{ object, type: "NoSubnet", message: "not published: no pod prefix is known; give --node-subnet, or a Node object with spec.podCIDRs" }];
  const conditions: Condition[] = [];
  if (addresses.length === 0) {
    const message = `not published: this node has no address inside ${subnets.join(", ")}; give --address once it has one`;
    conditions.push({ object, type: "NoAddress", message });
  }
  if (!endpoint) {
    const message = "not published: no way to reach this node is known; give --endpoint or --node-ip, or a Node object with an InternalIP";
    conditions.push({ object, type: "NoEndpoint", message });
  }
  return conditions;
}

function outsidePins(name: string, subnet: Prefix): Condition {
  const message = `subnet ${subnet} is in no podCIDR of the local MeshCluster: the other clusters will refuse it`;
  return { object: `MeshNode ${name}`, type: "OutsidePins", message };
}

function onePerFamily(addresses: readonly Address[]): Address[] {
  return addresses.filter((address, i) => addresses.findIndex((other) => familyOf(other) === familyOf(address)) === i);
}
