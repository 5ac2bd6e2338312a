/** `--backend`. */
export type BackendChoice = "auto" | "nftables";

/** A backend, and why it was taken: for the log, a metric label and the status. */
export interface BackendDecision {
  readonly name: "nftables";
  readonly reason: string;
}

/** @throws {RangeError} with the accepted names */
export function parseBackendChoice(text: string): BackendChoice {
  if (text === "auto" || text === "nftables") return text;
  throw new RangeError(`Cannot accept backend ${JSON.stringify(text)}: accepted are auto and nftables`);
}

/** Decides which load balancer of the kernel is used. */
export function chooseBackend(choice: BackendChoice): BackendDecision {
  const reason = choice === "auto" ? "only backend in this build" : "asked for by --backend";
  return { name: "nftables", reason };
}
