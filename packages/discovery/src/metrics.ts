import type { CounterMetric, GaugeMetric, HistogramMetric, MetricsRegister } from "@sdn-tunnel/common/daemon/metrics";

export interface DiscoveryMetrics {
  readonly requests: CounterMetric;
  readonly responseBytes: CounterMetric;
  readonly dropped: CounterMetric;
  readonly forwarded: CounterMetric;
  readonly forwardSeconds: HistogramMetric;
  readonly forwardOverloaded: CounterMetric;
  readonly forwardWaiting: GaugeMetric;
  readonly upstreamUp: GaugeMetric;
  readonly cacheEntries: GaugeMetric;
  readonly cacheBytes: GaugeMetric;
  readonly names: GaugeMetric;
  readonly tableBytes: GaugeMetric;
  readonly clusterSynced: GaugeMetric;
  readonly clusterDead: GaugeMetric;
  readonly staleSeconds: GaugeMetric;
  readonly refusals: GaugeMetric;
  readonly passSeconds: HistogramMetric;
  readonly passFailures: CounterMetric;
}

export const createDiscoveryMetrics = (register: MetricsRegister): DiscoveryMetrics => ({
  requests: register.counter("sdn_discovery_requests_total", "Queries answered", ["proto", "family", "type", "rcode"]),
  responseBytes: register.counter("sdn_discovery_response_bytes_total", "Bytes of answers", ["proto"]),
  dropped: register.counter("sdn_discovery_dropped_total", "Messages without an answer", ["proto", "reason"]),
  forwarded: register.counter("sdn_discovery_forward_requests_total", "Queries to upstreams", ["upstream", "outcome"]),
  // 2 s is what one upstream has, 5 s what all together have (limits.ts).
  forwardSeconds: register.histogram("sdn_discovery_forward_seconds", "One query to one upstream", [0.001, 0.01, 0.1, 1, 2, 5], ["upstream"]),
  forwardOverloaded: register.counter("sdn_discovery_forward_overloaded_total", "Waiting queries that gave way to newer ones"),
  forwardWaiting: register.gauge("sdn_discovery_forward_waiting", "Queries that wait for an upstream"),
  upstreamUp: register.gauge("sdn_discovery_upstream_up", "1 while the upstream answers", ["upstream"]),
  cacheEntries: register.gauge("sdn_discovery_cache_entries", "Remembered answers of upstreams"),
  cacheBytes: register.gauge("sdn_discovery_cache_bytes", "Bytes of remembered answers"),
  names: register.gauge("sdn_discovery_names", "Names in the answer table"),
  tableBytes: register.gauge("sdn_discovery_table_bytes", "Bytes of the answer table"),
  clusterSynced: register.gauge("sdn_discovery_cluster_synced", "1 once the cluster's first full list is in", ["cluster"]),
  clusterDead: register.gauge("sdn_discovery_cluster_dead", "1 while all nodes of the cluster are silent", ["cluster"]),
  staleSeconds: register.gauge("sdn_discovery_source_stale_seconds", "Since when the source says nothing; 0 while fresh", ["cluster"]),
  refusals: register.gauge("sdn_discovery_refusals", "Objects of remote clusters that are refused", ["cluster", "reason"]),
  // A pass that takes longer than the resync period (600 s, main.ts) would never end; queries are answered meanwhile.
  passSeconds: register.histogram("sdn_discovery_pass_seconds", "One pass from view to table", [0.001, 0.01, 0.1, 1, 10], ["scope"]),
  passFailures: register.counter("sdn_discovery_pass_failures_total", "Keys, or whole passes, that failed and are tried again"),
});
