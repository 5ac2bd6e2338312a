import { splitServer } from "../services/server.ts";
import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";
import type { IpvsService, IpvsState, ServiceSettings } from "./state.ts";

/** One change of the kernel's IPVS table. */
export type IpvsOp =
  | { readonly kind: "add-service" | "edit-service"; readonly service: ServerKey; readonly settings: ServiceSettings }
  | { readonly kind: "delete-service"; readonly service: ServerKey }
  | { readonly kind: "add-destination" | "edit-destination"; readonly service: ServerKey; readonly target: TargetKey; readonly weight: number }
  | { readonly kind: "delete-destination"; readonly service: ServerKey; readonly target: TargetKey };

/** An operation that the kernel refused, also after its object was read again. */
export interface IpvsFailure {
  readonly op: IpvsOp;
  /** `ESRCH`, `EPERM`, …, or the message when there is no errno. */
  readonly errno: string;
}

/** The node's IPVS table. It knows no owners: whoever asks picks what is ours. */
export interface IpvsTable {
  /** Every virtual service; none when the kernel has no IPVS. */
  list(): Promise<IpvsState>;
  /** One service; `undefined` when it is not there. */
  read(service: ServerKey): Promise<IpvsService | undefined>;
  /**
   * Applies in order. When the kernel refuses one because the object is not as it was thought to be, the object is
   * read again and brought to where the operation aimed; one that stays refused is returned and does not stop the rest.
   */
  apply(ops: readonly IpvsOp[]): Promise<{ readonly done: readonly IpvsOp[]; readonly failed: readonly IpvsFailure[] }>;
}

const letters = { tcp: "-t", udp: "-u", sctp: "--sctp-service" } as const;
const verbs = {
  "add-service": "-A",
  "edit-service": "-E",
  "delete-service": "-D",
  "add-destination": "-a",
  "edit-destination": "-e",
  "delete-destination": "-d",
} as const satisfies Record<IpvsOp["kind"], string>;

/** The operation as ipvsadm(8) takes it: `-a -t 172.31.0.7:80 -r 10.20.1.2:8080 -m -w 1`. */
export function showIpvsOp(op: IpvsOp): string {
  const { transport } = splitServer(op.service);
  const words = [verbs[op.kind], letters[transport], op.service.slice(transport.length + 1)];
  if ("settings" in op) words.push(...showSettings(op.settings));
  if ("target" in op) words.push("-r", op.target);
  if ("weight" in op) words.push("-m", "-w", String(op.weight));
  return words.join(" ");
}

function showSettings({ scheduler, affinitySeconds }: ServiceSettings): string[] {
  const persistence = affinitySeconds === undefined ? [] : ["-p", String(affinitySeconds)];
  return ["-s", scheduler, ...persistence, ...(hasFallback(scheduler) ? ["-b", `${scheduler}-fallback`] : [])];
}

/** Schedulers that hash the source: without their fallback flag, a client whose destination drains would be refused. */
export const hasFallback = (scheduler: string): boolean => scheduler === "sh" || scheduler === "mh";
