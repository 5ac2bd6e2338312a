import type { MeshCluster } from "../mesh/mesh-cluster.ts";
import type { MeshTunnel } from "../mesh/mesh-node.ts";
import type { EndpointSlice } from "../objects/endpoint-slice.ts";
import type { ServicePort } from "../objects/service.ts";
import type { Address } from "../net/address.ts";
import type { Prefix } from "../net/prefix.ts";

/** A cluster of the mesh after admission. */
export interface ClusterView {
  readonly name: string;
  /** True for the cluster that this daemon runs in. */
  readonly local: boolean;
  readonly config: MeshCluster;
  /** Its source has delivered the first full list. */
  readonly synced: boolean;
}

/** A node after admission: only subnets inside its cluster's pins, only addresses inside its subnets. */
export interface NodeView {
  readonly cluster: string;
  readonly name: string;
  readonly subnets: readonly Prefix[];
  /** The node's own address inside its subnets, at most one per family. */
  readonly addresses: readonly Address[];
  readonly nodeIPs: readonly Address[];
  readonly tunnels: readonly MeshTunnel[];
  readonly gateway?: string;
  /** Bytes. */
  readonly mtu: number;
}

/** One address behind a Service, as this cluster reaches it. */
export interface EndpointView {
  readonly address: Address;
  /** The node that it runs on, when it is a node of the mesh: its health decides the weight. */
  readonly node: string | undefined;
  readonly hostname: string | undefined;
  readonly podName: string | undefined;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** Ports of its slice, matched to the Service's ports by name and protocol. */
  readonly ports: EndpointSlice["ports"];
}

/** A Service after admission: virtual addresses are mapped, endpoints are reachable addresses. */
export interface ServiceView {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly headless: boolean;
  /** ClusterIPs as this cluster reaches them; empty for headless Services and ExternalName. */
  readonly vips: readonly Address[];
  readonly externalName: string | undefined;
  readonly ports: readonly ServicePort[];
  /** Another proxy serves its addresses, or none is to: names only. */
  readonly foreignProxy: boolean;
  /** Seconds of ClientIP affinity; absent without affinity. */
  readonly affinitySeconds: number | undefined;
  readonly endpoints: readonly EndpointView[];
}

/** Identity of a Service in the mesh: `west/ns/name`. Made by `serviceKey()`. */
export type ServiceKey = string & { readonly __brand: "ServiceKey" };

/** Identity of a node in the mesh: `west/node-1`. Made by `nodeKey()`. */
export type NodeKey = string & { readonly __brand: "NodeKey" };

export const serviceKey = (cluster: string, namespace: string, name: string): ServiceKey =>
  `${cluster}/${namespace}/${name}` as ServiceKey;

export const nodeKey = (cluster: string, name: string): NodeKey => `${cluster}/${name}` as NodeKey;

/** What the daemons plan from: everything in it is admitted. */
export interface MeshView {
  readonly clusters: ReadonlyMap<string, ClusterView>;
  /** In no order; what changes later changes here. */
  readonly nodes: ReadonlyMap<NodeKey, NodeView>;
  node(key: NodeKey): NodeView | undefined;
  /** Keys of every Service that was published by an admitted cluster, imported or not. */
  serviceKeys(): Iterable<ServiceKey>;
  /** The Service after admission; `undefined` when it is not there, not imported or refused. */
  service(key: ServiceKey): ServiceView | undefined;
  /** Names of the namespaces of a cluster that are imported; what changes later changes here. */
  namespaces(cluster: string): ReadonlySet<string>;
}

/** Keys whose view may have changed; a reader plans these again. */
export interface Touched {
  /** Names of clusters that appeared, changed, synced, were refused, or are gone. */
  readonly clusters: ReadonlySet<string>;
  readonly nodes: ReadonlySet<NodeKey>;
  readonly services: ReadonlySet<ServiceKey>;
  /** `cluster/namespace` of namespaces that appeared or vanished or changed their labels. */
  readonly namespaces: ReadonlySet<string>;
}
