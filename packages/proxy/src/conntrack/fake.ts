import type { Conntrack, Flow } from "./conntrack.ts";

/** Flows in memory. */
export class FakeConntrack implements Conntrack {
  flows: Flow[] = [];

  async listUdp(): Promise<Flow[]> {
    return [...this.flows];
  }

  async forget(flows: readonly Flow[]): Promise<void> {
    const gone = new Set(flows.map(({ handle }) => handle));
    this.flows = this.flows.filter(({ handle }) => !gone.has(handle));
  }
}
