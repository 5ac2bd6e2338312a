import { rmSync } from "node:fs";
import { join } from "node:path";
import { requireBed } from "./bed/inside.ts";
import type { Bed } from "./bed/inside.ts";
import { Capture, ROOTLESS_READER } from "./captures/capture.ts";
import { engine } from "./engine/engine.ts";
import { LabError } from "./errors.ts";
import { Cluster } from "./handles/cluster.ts";
import { Machine } from "./handles/machine.ts";
import { Machines } from "./handles/machines.ts";
import type { LabNode } from "./handles/node.ts";
import { planFolder } from "./manifests/folder.ts";
import { writeFolder } from "./manifests/write.ts";
import { LAB_DIR } from "./namespaces/directory.ts";
import { renderLocalServices } from "./services/local.ts";
import { usualServices } from "./services/shape.ts";
import type { LabService } from "./services/shape.ts";
import { planLab } from "./topology/addresses.ts";
import type { ClusterPlan } from "./topology/addresses.ts";
import { joinLayouts } from "./topology/layout.ts";
import { layoutLeg, planLeg } from "./topology/legs.ts";
import type { LegPlan } from "./topology/legs.ts";
import { planLayout } from "./topology/plan.ts";
import { usualShape } from "./topology/shape.ts";
import type { LabShape } from "./topology/shape.ts";
import { OUTSIDE_HOST, ROUTER } from "./topology/underlay.ts";

export interface LabOptions {
  /** A cluster's Services; default `usualServices()`. */
  readonly services?: (cluster: ClusterPlan) => readonly LabService[];
  /** `deadAfter` of every remote entry; default the product's own. */
  readonly deadAfter?: string;
}

/** Clusters of network namespaces, up and without any daemon of the product. */
export class Lab {
  readonly bed: Bed;
  readonly clusters: readonly Cluster[];
  /** Joins the node networks; its devices bear the clusters' names. */
  readonly router: Machine;
  /** A host of the outside world, with an httpd; its addresses are `OUTSIDE.host`. */
  readonly outside: Machine;
  readonly #machines: Machines;
  readonly #legs: Machine[] = [];

  private constructor(bed: Bed, machines: Machines, clusters: readonly Cluster[]) {
    this.bed = bed;
    this.clusters = clusters;
    this.router = new Machine(ROUTER, machines.holder(ROUTER));
    this.outside = new Machine(OUTSIDE_HOST, machines.holder(OUTSIDE_HOST));
    this.#machines = machines;
  }

  /**
   * Brings the lab up: machines, manifests, local Services, and the lab's own servers.
   *
   * @throws {LabError} NOT_IN_BED, INVALID_SHAPE, COMMAND_FAILED, NOT_READY
   */
  static async up(shape: LabShape = usualShape(), { services = usualServices, deadAfter }: LabOptions = {}): Promise<Lab> {
    const bed = requireBed("bring the lab up");
    const plans = planLab(shape, engine.name === "vm" ? "kernel" : "userspace").map((plan) => ({ plan, services: services(plan), directory: directoryOf(plan.name) }));
    for (const { plan, ...own } of plans) {
      const remotes = plans.filter((other) => other.plan !== plan).map(({ plan: cluster, directory }) => ({ cluster, directory }));
      writeFolder(own.directory, planFolder(plan, { ...own, remotes, ...(deadAfter === undefined ? {} : { deadAfter }) }));
    }
    const machines = new Machines();
    const ownServices = plans.map(({ plan, services: own }) => localServices(plan, own));
    await machines.grow(joinLayouts([planLayout(plans.map(({ plan }) => plan)), ...ownServices]));
    const lab = new Lab(bed, machines, plans.map(({ plan, ...own }) => new Cluster(plan, { machines, ...own })));
    await lab.#startServers();
    return lab;
  }

  /** @throws {LabError} UNKNOWN_OBJECT */
  cluster(name: string): Cluster {
    const cluster = this.clusters.find((candidate) => candidate.name === name);
    if (cluster) return cluster;
    throw new LabError({ code: "UNKNOWN_OBJECT", object: `cluster "${name}"`, known: this.clusters.map((known) => known.name) });
  }

  /** Captures on the router's legs into the clusters: everything that goes from one cluster to another passes two of them. */
  capture(): Promise<Capture> {
    const legs = this.clusters.map(({ name }) => name);
    return Capture.start(this.router.entry, legs, this.bed.rootless ? ROOTLESS_READER : []);
  }

  /** Gives a node a second network with a host in it that runs an httpd. */
  async addLeg(node: LabNode): Promise<{ readonly plan: LegPlan; readonly host: Machine }> {
    const plan = planLeg(node.plan);
    await this.#machines.grow(layoutLeg(node.plan, plan));
    const host = new Machine(plan.machine, this.#machines.holder(plan.machine));
    this.#legs.push(host);
    await host.startHttpd();
    return { plan, host };
  }

  /** Every machine by name, with the pid, inside the bed, of the process that holds it. */
  get machines(): readonly { readonly name: string; readonly pid: number }[] {
    return this.#machines.all;
  }

  /** Ends every daemon and every machine; then the same bed can bring up another lab. */
  async down(): Promise<void> {
    const parts = this.clusters.flatMap(({ nodes, pods, upstream }) => [...nodes, ...pods, upstream]);
    await Promise.all(this.clusters.filter(({ plan }) => plan.sdn === "openshift").flatMap(({ nodes }) => nodes.map((node) => node.stopSdn())));
    await Promise.all([...parts, ...this.#legs, this.router, this.outside].flatMap(({ daemons }) => daemons.map((daemon) => daemon.kill())));
    await Promise.all(this.#machines.all.map((holder) => holder.release()));
    rmSync(LAB_DIR, { recursive: true, force: true });
  }

  async #startServers(): Promise<void> {
    const programs = this.clusters.flatMap(({ pods, upstream }) => [upstream.start(), ...pods.map((pod) => pod.startProgram())]);
    await Promise.all([this.outside.startHttpd(), ...programs]);
  }
}

/** A cluster's folder, the same path in every machine. */
export const directoryOf = (cluster: string): string => join(LAB_DIR, "clusters", cluster);

function localServices(plan: ClusterPlan, services: readonly LabService[]) {
  const nft = renderLocalServices(plan, services);
  return { machines: [], cables: [], setups: plan.nodes.map((node) => ({ machine: node.name, ip: [], nft })) };
}
