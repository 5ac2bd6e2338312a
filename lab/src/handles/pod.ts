import type { Holder } from "../namespaces/hold.ts";
import type { PodPlan } from "../topology/addresses.ts";
import { Machine } from "./machine.ts";

/** A pod of a cluster; one on the host network shares its node's namespaces, and only the name is its own. */
export class LabPod extends Machine {
  readonly plan: PodPlan;

  /** @param holder the pod's own, or its node's */
  constructor(cluster: string, plan: PodPlan, holder: Holder) {
    super(`${cluster}/${plan.name}`, holder);
    this.plan = plan;
  }

  /** Starts what the plan says. A server on the host network listens on all of the node's addresses, as most do. */
  async startProgram(): Promise<void> {
    if (this.plan.program === "httpd") await this.startHttpd();
  }

  /** As with a machine; a pod on the host network leaves its node's namespaces alone. */
  override async remove(): Promise<void> {
    if (!this.plan.hostNetwork) return await super.remove();
    await Promise.all(this.daemons.map((daemon) => daemon.kill()));
  }
}
