import { ProxyError } from "./errors.ts";
import type { Backend } from "./services/backend.ts";

/** `--backend`. */
export type BackendChoice = "auto" | Backend["name"];

/** A backend, and why it was taken: for the log, a metric label and the status. */
export interface BackendDecision {
  readonly name: Backend["name"];
  readonly reason: string;
}

/** What speaks against IPVS on this node. */
export interface IpvsVerdict {
  /** Why the kernel does not take a virtual service from us. */
  readonly kernel?: string;
  /** Why connections would not get through, or services not stay. */
  readonly path?: string;
  /** How it was found out that nothing does: "the kernel took a service by netlink". */
  readonly proof: string;
}

/** @throws {RangeError} with the accepted names */
export function parseBackendChoice(text: string): BackendChoice {
  if (text === "auto" || text === "ipvs" || text === "nftables") return text;
  throw new RangeError(`Cannot accept backend ${JSON.stringify(text)}: accepted are auto, ipvs and nftables`);
}

/**
 * Decides which load balancer of the kernel is used: IPVS where the kernel has it and nothing on the node is in its way.
 *
 * @throws {ProxyError} BACKEND_UNAVAILABLE when IPVS is asked for and the kernel does not have it
 */
export function chooseBackend(choice: BackendChoice, { kernel, path, proof }: IpvsVerdict): BackendDecision {
  if (choice === "nftables") return { name: "nftables", reason: "asked for by --backend" };
  if (choice === "auto") {
    const against = kernel ?? path;
    return against === undefined ? { name: "ipvs", reason: proof } : { name: "nftables", reason: `no IPVS: ${against}` };
  }
  if (kernel !== undefined) throw new ProxyError({ code: "BACKEND_UNAVAILABLE", backend: "ipvs", reason: kernel });
  return { name: "ipvs", reason: path === undefined ? "asked for by --backend" : `asked for by --backend, although ${path}` };
}
