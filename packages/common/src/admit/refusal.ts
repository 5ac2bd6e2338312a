/** Why something that was published is not in force. */
export type RefusalReason =
  | "OutsidePins" // an address that the local admin does not let this cluster claim
  | "Overlap" // a prefix that somebody else holds
  | "OverLimit" // past spec.limits
  | "KeyConflict" // two nodes with one WireGuard key
  | "RoutedEndpoint" // a WireGuard endpoint inside a prefix that is routed into the tunnel
  | "WouldCutOff" // a prefix that this node needs for itself
  | "Invalid"; // an object that breaks its schema

/** One thing that was refused: data for a metric, a condition and a line of `explain`. */
export interface Refusal {
  readonly cluster: string;
  /** `MeshCluster west`, `MeshNode node-1`, `Service ns/name`. */
  readonly object: string;
  readonly reason: RefusalReason;
  /** What exactly was refused, and what is accepted. */
  readonly detail: string;
}
