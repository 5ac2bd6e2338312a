export type TunnelFault =
  | { readonly code: "UNUSABLE_KEY"; readonly file: string; readonly reason: string; readonly remedy: string }
  | { readonly code: "DEVICE_ABSENT"; readonly device: string; readonly socket?: string; readonly reason: string }
  | { readonly code: "DEVICE_FOREIGN"; readonly device: string; readonly kind: string }
  | { readonly code: "DEVICE_REFUSED"; readonly operation: string; readonly errno: string }
  | { readonly code: "DEVICE_UNREADABLE"; readonly device: string; readonly problem: string }
  | { readonly code: "NO_PERMISSION"; readonly operation: string; readonly reason: string }
  | { readonly code: "BRIDGE_UNUSABLE"; readonly bridge: string; readonly reason: string }
  | { readonly code: "NOT_SYNCED"; readonly seconds: number; readonly reasons: readonly string[] }
  | { readonly code: "INCOMPLETE"; readonly failed: readonly string[] };

/** The one error class of this package: switch on `fault.code`, log `fault` as fields. */
export class TunnelError extends Error {
  override readonly name = "TunnelError";
  readonly fault: TunnelFault;
  constructor(fault: TunnelFault, options?: ErrorOptions) {
    super(describe(fault), options);
    this.fault = fault;
  }
}

function describe(fault: TunnelFault): string {
  switch (fault.code) {
    case "UNUSABLE_KEY":
      return `Cannot use key file ${fault.file}: ${fault.reason}; ${fault.remedy}`;
    case "DEVICE_ABSENT":
      return fault.socket === undefined
        ? `Cannot configure ${fault.device}: ${fault.reason}`
        : `Cannot configure ${fault.device}: ${fault.reason}; waiting for ${fault.socket}. ` +
            `Start userspace WireGuard on this node: wireguard-go -f ${fault.device}`;
    case "DEVICE_FOREIGN":
      return `Cannot use ${fault.device}: there is a device of that name, of kind ${fault.kind}; it is not ours: delete or rename it`;
    case "DEVICE_REFUSED":
      return `Cannot apply "${fault.operation}": WireGuard answered ${fault.errno}`;
    case "DEVICE_UNREADABLE":
      return `Cannot read the state of ${fault.device}: ${fault.problem}`;
    case "NO_PERMISSION":
      return `Cannot ${fault.operation}: ${fault.reason}; run as root, or with the capability NET_ADMIN on this network namespace`;
    case "BRIDGE_UNUSABLE":
      return `Cannot wire ${fault.bridge}: ${fault.reason}; its flows are written as soon as OpenShift SDN has made it`;
    case "NOT_SYNCED":
      return `Cannot read the sources within ${fault.seconds} s: ${fault.reasons.join("; ")}`;
    case "INCOMPLETE":
      return `Cannot apply everything: ${fault.failed.slice(0, 5).join("; ")}${fault.failed.length > 5 ? ` and ${fault.failed.length - 5} more` : ""}`;
  }
}
