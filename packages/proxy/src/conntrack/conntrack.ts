import type { ServerKey } from "../services/server.ts";
import type { TargetKey } from "../services/target.ts";

/** A UDP flow that the kernel tracks. */
export interface Flow {
  /** Where its packets were sent to: destination of the original direction. */
  readonly server: ServerKey;
  /** Where they go: source of the replies. The same socket as the server's when nothing is translated. */
  readonly target: TargetKey;
  /** What the adapter needs to find it again. */
  readonly handle: unknown;
}

/** The kernel's connection tracking, as far as UDP goes. */
export interface Conntrack {
  listUdp(): Promise<Flow[]>;
  /** Forgets the flows, so that their next packet is balanced anew; one that is gone already is no error, and one that is refused does not stop the rest. */
  forget(flows: readonly Flow[]): Promise<void>;
}
