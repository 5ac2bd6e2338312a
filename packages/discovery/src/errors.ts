import type { Problem } from "@sdn-tunnel/common/errors";

export type DiscoveryFault =
  | { readonly code: "INVALID_CONFIG"; readonly problems: readonly Problem[] }
  | { readonly code: "CANNOT_LISTEN"; readonly address: string; readonly reason: string }
  | { readonly code: "UPSTREAM_SILENT"; readonly upstream: string; readonly afterMs: number }
  | { readonly code: "UPSTREAM_UNREACHABLE"; readonly upstream: string; readonly reason: string }
  | { readonly code: "NO_UPSTREAM_ANSWERED"; readonly tried: readonly string[] }
  | { readonly code: "OVERLOADED"; readonly waiting: number };

/** The one error class of this package: switch on `fault.code`, log `fault` as fields. */
export class DiscoveryError extends Error {
  override readonly name = "DiscoveryError";
  readonly fault: DiscoveryFault;
  constructor(fault: DiscoveryFault, options?: ErrorOptions) {
    super(describe(fault), options);
    this.fault = fault;
  }
}

function describe(fault: DiscoveryFault): string {
  switch (fault.code) {
    case "INVALID_CONFIG":
      return `Cannot start sdn-discoveryd: ${fault.problems.map(({ path, message }) => `${path}: ${message}`).join("; ")}`;
    case "CANNOT_LISTEN":
      return `Cannot listen on ${fault.address}: ${fault.reason}`;
    case "UPSTREAM_SILENT":
      return `Cannot ask ${fault.upstream}: no answer within ${fault.afterMs} ms`;
    case "UPSTREAM_UNREACHABLE":
      return `Cannot ask ${fault.upstream}: ${fault.reason}`;
    case "NO_UPSTREAM_ANSWERED":
      return `Cannot forward: no answer from ${fault.tried.join(", ") || "any upstream"}`;
    case "OVERLOADED":
      return `Cannot forward: ${fault.waiting} queries are waiting already`;
  }
}
