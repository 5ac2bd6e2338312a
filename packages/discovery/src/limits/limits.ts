/** Every bound of the server in one place: what a flood, a slow peer or a dead upstream can cost. */
export const limits = {
  /** Milliseconds that a start may wait for remote clusters, once the local one is read: a silent one holds up nobody. */
  startupMs: 1000,

  /** Datagrams that may wait in the kernel's queue to be sent, per socket; older answers are overwritten past it. */
  udpAnswersInFlight: 4096,
  /** Bytes that the kernel may queue per socket and direction. */
  socketBufferBytes: 4 << 20,

  tcpConnections: 1024,
  /** Queries on one connection; then it is closed, so that clients spread over restarted servers. */
  tcpQueriesPerConnection: 10_000,
  /** Queries of one connection that wait for an upstream; more are not read until one is answered. */
  tcpQueriesInFlight: 64,
  /** Bytes of answers that a client has not read yet; more queries are not read until it does. */
  tcpUnsentBytes: 1 << 18,
  /** Milliseconds until a query that was begun must be complete. */
  tcpReadMs: 3000,
  /** Milliseconds without a query until a connection is closed (RFC 7766 §6.2.3). */
  tcpIdleMs: 10_000,

  /** Queries that wait for an upstream; the oldest gives way. */
  forwardInFlight: 1024,
  /** Milliseconds that one upstream has, and that all together have. */
  forwardTryMs: 2000,
  forwardTotalMs: 5000,
  /** Sockets, each with its own random port, that queries to one upstream are spread over. */
  forwardSockets: 16,
  /** Queries after which a socket is replaced by one with another port. */
  forwardQueriesPerSocket: 1000,
  /** Milliseconds between two tries to reach an upstream that failed, and failures in a row until it counts as down. */
  upstreamProbeMs: 500,
  upstreamFailures: 2,
  upstreams: 15,

  cacheEntries: 10_000,
  cacheBytes: 16 << 20,
  /** Seconds: no answer of others is kept longer or shorter. */
  cacheLeastTtl: 5,
  cachePositiveTtl: 3600,
  cacheNegativeTtl: 1800,

  /** Milliseconds between two probes of a cluster. */
  lifeProbeMs: 1000,
} as const;
