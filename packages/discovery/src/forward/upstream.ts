/** How a query reaches an upstream. */
export interface UpstreamQuery {
  /** The query with any id: it is replaced by a random one on the way out, and put back in the answer. */
  readonly message: Uint8Array;
  readonly transport: "udp" | "tcp";
  readonly timeoutMs: number;
  /** Aborts when nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

/** A DNS server that names outside the own zones are asked of. */
export interface Upstream {
  /** `192.0.2.53:53`, for messages and metrics. */
  readonly name: string;
  /**
   * Asks, once. What comes back repeats the question that was asked.
   *
   * @throws {DiscoveryError} `UPSTREAM_SILENT`, `UPSTREAM_UNREACHABLE`; the signal's reason when it aborts
   */
  ask(query: UpstreamQuery): Promise<Uint8Array>;
  close(): void;
}
