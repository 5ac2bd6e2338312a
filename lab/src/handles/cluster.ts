import { join } from "node:path";
import type { Address } from "@sdn-tunnel/common/net/address";
import { LabError } from "../errors.ts";
import { nodePath, slicePath } from "../manifests/folder.ts";
import { renderEndpointSlices, renderNode } from "../manifests/kubernetes.ts";
import { removeManifest, writeManifest } from "../manifests/write.ts";
import { renderLocalServices } from "../services/local.ts";
import { clusterIP } from "../services/shape.ts";
import type { IpVersion, LabService } from "../services/shape.ts";
import { planNode, planPod } from "../topology/addresses.ts";
import type { ClusterPlan, NodePlan, PodPlan } from "../topology/addresses.ts";
import { joinLayouts } from "../topology/layout.ts";
import { layoutNode, layoutPeer } from "../topology/nodes.ts";
import { layoutPod, machineOf } from "../topology/pods.ts";
import type { PodShape } from "../topology/shape.ts";
import { FABRIC, upstreamOf } from "../topology/underlay.ts";
import { Machine } from "./machine.ts";
import type { Machines } from "./machines.ts";
import { LabNode } from "./node.ts";
import { LabPod } from "./pod.ts";
import { LabUpstream } from "./upstream.ts";

/** A cluster that is up. Its changes go where Kubernetes would put them: into its folder and its local Services. */
export class Cluster {
  readonly name: string;
  /** Its folder of manifests, for `--source`; the same path in every machine. */
  readonly directory: string;
  readonly upstream: LabUpstream;
  readonly #machines: Machines;
  readonly #nodes = new Map<string, LabNode>();
  readonly #pods = new Map<string, LabPod>();
  #plan: ClusterPlan;
  #services: readonly LabService[];

  constructor(plan: ClusterPlan, options: ClusterOptions) {
    this.name = plan.name;
    this.directory = options.directory;
    this.#machines = options.machines;
    this.#plan = plan;
    this.#services = options.services;
    this.upstream = new LabUpstream(upstreamOf(plan), this.#machines.holder(upstreamOf(plan)));
    for (const node of plan.nodes) this.#adoptNode(node);
    for (const pod of plan.pods) this.#adoptPod(pod);
  }

  /** The addresses of everything that is there now. */
  get plan(): ClusterPlan {
    return this.#plan;
  }

  get nodes(): readonly LabNode[] {
    return [...this.#nodes.values()];
  }

  get pods(): readonly LabPod[] {
    return [...this.#pods.values()];
  }

  get services(): readonly LabService[] {
    return this.#services;
  }

  /** @throws {LabError} UNKNOWN_OBJECT */
  node(number: number): LabNode {
    return found(this.#nodes, `${this.name}-${number}`, `node ${number} of ${this.name}`);
  }

  /** @throws {LabError} UNKNOWN_OBJECT */
  pod(name: string): LabPod {
    return found(this.#pods, name, `pod "${name}" of ${this.name}`);
  }

  /** @throws {LabError} UNKNOWN_OBJECT */
  service(name: string): LabService {
    return found(new Map(this.#services.map((service) => [service.name, service])), name, `service "${name}" of ${this.name}`);
  }

  /** A Service's address, as this cluster's own pods know it (`local`) or as all other clusters do (`remote`). */
  serviceIP(name: string, version: IpVersion, as: "local" | "remote"): Address {
    return clusterIP(this.#plan, this.service(name), version, as);
  }

  /** Puts pods behind a Service, in place of those that are: in the EndpointSlices and on the cluster's own nodes. */
  async setEndpoints(name: string, pods: readonly string[]): Promise<void> {
    const changed = { ...this.service(name), endpoints: pods };
    this.#services = this.#services.map((service) => (service.name === name ? changed : service));
    writeManifest(join(this.directory, slicePath(changed)), renderEndpointSlices(this.#plan, changed));
    const rules = renderLocalServices(this.#plan, this.#services);
    await Promise.all(this.nodes.map((node) => node.applyNft(rules)));
  }

  addEndpoint(service: string, pod: string): Promise<void> {
    return this.setEndpoints(service, [...this.service(service).endpoints, pod]);
  }

  removeEndpoint(service: string, pod: string): Promise<void> {
    return this.setEndpoints(service, this.service(service).endpoints.filter((name) => name !== pod));
  }

  /** Starts a pod and what runs in it; no Service knows it yet. */
  async addPod(shape: PodShape): Promise<LabPod> {
    const node = this.node(shape.node).plan;
    const plan = planPod(shape, node, this.#plan.pods);
    await this.#machines.grow(layoutPod(this.#plan, node, plan));
    this.#plan = { ...this.#plan, pods: [...this.#plan.pods, plan] };
    const pod = this.#adoptPod(plan);
    await pod.startProgram();
    return pod;
  }

  /** Ends a pod at once; Services keep it until `removeEndpoint()`. */
  async removePod(name: string): Promise<void> {
    const pod = this.pod(name);
    await pod.remove();
    this.#pods.delete(name);
    if (!pod.plan.hostNetwork) {
      this.#machines.forget(pod.name);
      await this.#nodes.get(pod.plan.node)?.detach(pod.plan.port);
    }
    this.#plan = { ...this.#plan, pods: this.#plan.pods.filter((plan) => plan.name !== name) };
  }

  /** Adds the next node, with the cluster's Services, routes to and from its peers, and its Node manifest. */
  async addNode(): Promise<LabNode> {
    const number = 1 + Math.max(...this.#plan.nodes.map(({ name }) => Number(name.split("-").at(-1))));
    const plan = planNode(this.#plan, number);
    const peers = this.#plan.nodes.map((peer) => layoutPeer(this.#plan, peer, plan));
    this.#plan = { ...this.#plan, nodes: [...this.#plan.nodes, plan] };
    const services = { machine: plan.name, ip: [], nft: renderLocalServices(this.#plan, this.#services) };
    await this.#machines.grow(joinLayouts([layoutNode(this.#plan, plan), { machines: [], cables: [], setups: [...peers, services] }]));
    writeManifest(join(this.directory, nodePath(plan.name)), [renderNode(plan)]);
    return this.#adoptNode(plan);
  }

  /** Takes a node away with its pods, its Node and, as whoever removes a node must, its MeshNode. */
  async removeNode(number: number): Promise<void> {
    const node = this.node(number);
    for (const pod of this.pods.filter(({ plan }) => plan.node === node.name)) await this.removePod(pod.plan.name);
    await node.remove();
    this.#nodes.delete(node.name);
    this.#machines.forget(node.name);
    this.#plan = { ...this.#plan, nodes: this.#plan.nodes.filter(({ name }) => name !== node.name) };
    for (const path of [nodePath(node.name), `meshnodes/${node.name}.yaml`]) removeManifest(join(this.directory, path));
  }

  #adoptNode(plan: NodePlan): LabNode {
    const node = new LabNode(plan, this.#machines.holder(plan.name), new Machine(FABRIC, this.#machines.holder(FABRIC)));
    this.#nodes.set(plan.name, node);
    return node;
  }

  #adoptPod(plan: PodPlan): LabPod {
    const pod = new LabPod(this.name, plan, this.#machines.holder(machineOf(this.#plan, plan)));
    this.#pods.set(plan.name, pod);
    return pod;
  }
}

export interface ClusterOptions {
  readonly machines: Machines;
  readonly directory: string;
  readonly services: readonly LabService[];
}

function found<T>(objects: ReadonlyMap<string, T>, name: string, object: string): T {
  const it = objects.get(name);
  if (it !== undefined) return it;
  throw new LabError({ code: "UNKNOWN_OBJECT", object, known: [...objects.keys()] });
}
