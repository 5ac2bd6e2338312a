/** One thing that is wrong with a document, a flag or an object. */
export interface Problem {
  /** Where: a field path such as `spec.podCIDRs[0].cidr`, or a flag such as `--node-ip`. */
  readonly path: string;
  /** What is wrong and what is accepted. */
  readonly message: string;
}

export type CommonFault =
  | { readonly code: "INVALID_FLAGS"; readonly command: string; readonly problems: readonly Problem[] }
  | { readonly code: "COMMAND_FAILED"; readonly command: string; readonly exit: string; readonly stderr: string }
  | { readonly code: "COMMAND_MISSING"; readonly command: string; readonly debianPackage: string }
  | { readonly code: "ALREADY_RUNNING"; readonly lock: string }
  | { readonly code: "NETLINK_REFUSED"; readonly operation: string; readonly errno: string }
  | { readonly code: "NETLINK_UNREADABLE"; readonly problem: string }
  | { readonly code: "STATE_UNREADABLE"; readonly file: string; readonly problem: string; readonly remedy: string }
  | { readonly code: "LISTING_UNREADABLE"; readonly what: string; readonly problem: string }
  | { readonly code: "CANNOT_LISTEN"; readonly address: string; readonly reason: string };

/** The one error class of this package: switch on `fault.code`, log `fault` as fields. */
export class CommonError extends Error {
  override readonly name = "CommonError";
  readonly fault: CommonFault;
  constructor(fault: CommonFault, options?: ErrorOptions) {
    super(describe(fault), options);
    this.fault = fault;
  }
}

function describe(fault: CommonFault): string {
  switch (fault.code) {
    case "INVALID_FLAGS":
      return `Cannot start ${fault.command}: ${showProblems(fault.problems)}`;
    case "COMMAND_FAILED":
      return `Cannot run "${fault.command}": ${fault.exit}${fault.stderr ? `: ${fault.stderr}` : ""}`;
    case "COMMAND_MISSING":
      return `Cannot run "${fault.command}": it is not installed; Debian has it in ${fault.debianPackage}`;
    case "ALREADY_RUNNING":
      return `Cannot start: another instance holds the lock ${fault.lock} on this node; stop it first`;
    case "NETLINK_REFUSED":
      return `Cannot apply "${fault.operation}": kernel answered ${fault.errno}`;
    case "NETLINK_UNREADABLE":
      return `Cannot read a netlink message: ${fault.problem}`;
    case "STATE_UNREADABLE":
      return `Cannot read ${fault.file}: ${fault.problem}; ${fault.remedy}`;
    case "LISTING_UNREADABLE":
      return `Cannot read the listing of ${fault.what} that nft printed: ${fault.problem}; nothing is changed by it, and it is asked again`;
    case "CANNOT_LISTEN":
      return `Cannot listen on ${fault.address}: ${fault.reason}`;
  }
}

/** All problems in one line. */
export const showProblems = (problems: readonly Problem[]): string =>
  problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
