import { SCHEDULERS } from "../services/scheduler.ts";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import { repairOp } from "./repair.ts";
import type { Destination, IpvsService, IpvsState, ServiceSettings } from "./state.ts";
import { showIpvsOp } from "./table.ts";
import type { IpvsFailure, IpvsOp, IpvsTable } from "./table.ts";

const schedulers: ReadonlySet<string> = new Set(SCHEDULERS);

type Held = ServiceSettings & { readonly destinations: Map<TargetKey, Destination> };

/** An IPVS table as strict as the kernel's, with its errno names. */
export class FakeIpvsTable implements IpvsTable {
  readonly #services = new Map<ServerKey, Held>();
  /** Every operation that was taken, as ipvsadm(8) would be told. */
  readonly log: string[] = [];
  /** Operations that were refused at first, with the errno. */
  readonly refusals: string[] = [];
  /** Refuses an operation as a kernel out of memory would. */
  refuse: (op: IpvsOp) => boolean = () => false;

  async list(): Promise<IpvsState> {
    return new Map([...this.#services].map(([key, service]) => [key, copy(service)]));
  }

  async read(key: ServerKey): Promise<IpvsService | undefined> {
    const service = this.#services.get(key);
    return service && copy(service);
  }

  async apply(ops: readonly IpvsOp[]): Promise<{ done: IpvsOp[]; failed: IpvsFailure[] }> {
    const done: IpvsOp[] = [];
    const failed: IpvsFailure[] = [];
    for (const op of ops) {
      const errno = await this.#applyOrRepair(op);
      if (errno === undefined) done.push(op);
      else failed.push({ op, errno });
    }
    return { done, failed };
  }

  /** Lets clients open or close connections. */
  connect(key: ServerKey, target: TargetKey, connections: number): void {
    const destination = this.#services.get(key)?.destinations.get(target);
    if (!destination) throw new Error(`ENOENT: ${key} ${target}`);
    this.#services.get(key)?.destinations.set(target, { ...destination, connections });
  }

  async #applyOrRepair(op: IpvsOp): Promise<string | undefined> {
    const errno = this.#take(op);
    if (errno === undefined) return undefined;
    this.refusals.push(`${errno} ${showIpvsOp(op)}`);
    const repair = repairOp(op, await this.read(op.service));
    if (repair === "done") return undefined;
    return repair ? this.#take(repair) : errno;
  }

  /** @returns the errno when the kernel would refuse it */
  #take(op: IpvsOp): string | undefined {
    if (this.refuse(op)) return "ENOMEM";
    const errno = takeOp(op, this.#services);
    if (errno === undefined) this.log.push(showIpvsOp(op));
    return errno;
  }
}

function takeOp(op: IpvsOp, services: Map<ServerKey, Held>): string | undefined {
  const held = services.get(op.service);
  switch (op.kind) {
    case "add-service":
      if (held) return "EEXIST";
      if (!schedulers.has(op.settings.scheduler)) return "ENOENT";
      return void services.set(op.service, { ...op.settings, destinations: new Map() });
    case "edit-service":
      if (!held) return "ESRCH";
      return void services.set(op.service, { ...op.settings, destinations: held.destinations });
    case "delete-service":
      return services.delete(op.service) ? undefined : "ESRCH";
    case "add-destination":
    case "edit-destination": {
      if (!held) return "ESRCH";
      const before = held.destinations.get(op.target);
      if ((before === undefined) !== (op.kind === "add-destination")) return before ? "EEXIST" : "ENOENT";
      return void held.destinations.set(op.target, { weight: op.weight, connections: before?.connections ?? 0, masqueraded: true });
    }
    case "delete-destination":
      if (!held) return "ESRCH";
      return held.destinations.delete(op.target) ? undefined : "ENOENT";
  }
}

const copy = ({ destinations, ...settings }: Held): IpvsService => ({ ...settings, destinations: new Map(destinations) });
