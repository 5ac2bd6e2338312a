import { describeVmFault } from "./vm/fault.ts";
import type { VmFault } from "./vm/fault.ts";

/** Something that keeps the lab from running on this machine, and what its owner can do about it. */
export interface Obstacle {
  readonly code: "USERNS_DENIED" | "TUN_UNUSABLE" | "TOOL_MISSING";
  readonly message: string;
  readonly remedy: string;
}

export type LabFault =
  | VmFault
  | { readonly code: "CANNOT_MAKE_BED"; readonly obstacles: readonly Obstacle[] }
  | { readonly code: "NOT_IN_BED"; readonly operation: string }
  | { readonly code: "INVALID_SHAPE"; readonly problem: string }
  | { readonly code: "SDN_UNAVAILABLE"; readonly reason: string }
  | { readonly code: "UNKNOWN_OBJECT"; readonly object: string; readonly known: readonly string[] }
  | { readonly code: "COMMAND_FAILED"; readonly command: string; readonly exit: string; readonly stderr: string }
  | { readonly code: "NOT_READY"; readonly object: string; readonly waitedMs: number; readonly log: string };

/** The one error class of this package: switch on `fault.code`. */
export class LabError extends Error {
  override readonly name = "LabError";
  readonly fault: LabFault;
  constructor(fault: LabFault, options?: ErrorOptions) {
    super(describe(fault), options);
    this.fault = fault;
  }
}

function describe(fault: LabFault): string {
  switch (fault.code) {
    case "CANNOT_MAKE_BED":
      return fault.obstacles.map(({ message, remedy }) => `${message}. ${remedy}`).join("\n");
    case "NOT_IN_BED":
      return `Cannot ${fault.operation}: this process is not inside a bed; start it with runInBed()`;
    case "INVALID_SHAPE":
      return `Cannot lay out the lab: ${fault.problem}`;
    case "SDN_UNAVAILABLE":
      return `Cannot build OpenShift SDN's bridge: ${fault.reason}`;
    case "UNKNOWN_OBJECT":
      return `Cannot find ${fault.object}: there are ${fault.known.join(", ") || "none"}`;
    case "COMMAND_FAILED":
      return `Cannot run "${fault.command}": ${fault.exit}${fault.stderr ? `: ${fault.stderr}` : ""}`;
    case "NOT_READY":
      return `Cannot start ${fault.object}: not ready after ${fault.waitedMs} ms${fault.log ? `; its log ends with: ${fault.log}` : ""}`;
    default:
      return describeVmFault(fault);
  }
}
