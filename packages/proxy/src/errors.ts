/** What can go wrong in this package. */
export type ProxyFault =
  | { readonly code: "APPLY_FAILED"; readonly what: string; readonly failed: number; readonly reason: string }
  | { readonly code: "NETFILTER_REFUSED"; readonly operation: string; readonly errno: string }
  | { readonly code: "MODULE_MISSING"; readonly module: string }
  | { readonly code: "BACKEND_UNAVAILABLE"; readonly backend: string; readonly reason: string }
  | { readonly code: "NOT_SYNCED"; readonly seconds: number; readonly reasons: readonly string[] };

/** The one error class of this package: switch on `fault.code`, log `fault` as fields. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly fault: ProxyFault;
  constructor(fault: ProxyFault, options?: ErrorOptions) {
    super(describe(fault), options);
    this.fault = fault;
  }
}

/** True for the kernel's answer that there is no such object. */
export function isAbsent(error: unknown): boolean {
  return error instanceof ProxyError && error.fault.code === "NETFILTER_REFUSED" && error.fault.errno === "ENOENT";
}

function describe(fault: ProxyFault): string {
  switch (fault.code) {
    case "APPLY_FAILED":
      return `Cannot apply ${fault.what}: ${fault.failed} failed, the first: ${fault.reason}`;
    case "NETFILTER_REFUSED":
      return `Cannot do "${fault.operation}": kernel answered ${fault.errno}`;
    case "MODULE_MISSING":
      return `Cannot reach the kernel's module ${fault.module}: it is not there, or was unloaded; load it: modprobe ${fault.module}`;
    case "BACKEND_UNAVAILABLE":
      return `Cannot use the backend ${fault.backend}: ${fault.reason}; accepted here is --backend nftables, or auto`;
    case "NOT_SYNCED":
      return `Cannot plan: after ${fault.seconds} s ${fault.reasons.join("; ")}`;
  }
}
