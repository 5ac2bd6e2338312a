import type { CounterMetric, GaugeMetric, HistogramMetric, MetricsRegister } from "@sdn-tunnel/common/daemon/metrics";

export interface ProxyMetrics {
  readonly backend: GaugeMetric;
  readonly servers: GaugeMetric;
  readonly idleServers: GaugeMetric;
  readonly targets: GaugeMetric;
  readonly drainingTargets: GaugeMetric;
  readonly nodesDown: GaugeMetric;
  readonly refusedClusters: GaugeMetric;
  readonly changes: CounterMetric;
  readonly drift: CounterMetric;
  readonly forgottenFlows: CounterMetric;
  readonly pass: HistogramMetric;
  readonly failedPasses: CounterMetric;
}

export const createProxyMetrics = (register: MetricsRegister): ProxyMetrics => ({
  backend: register.gauge("sdn_proxy_backend_info", "1, with the backend in use and why", ["backend", "reason"]),
  servers: register.gauge("sdn_proxy_servers", "Virtual servers that balance"),
  idleServers: register.gauge("sdn_proxy_idle_servers", "Virtual servers without targets: their clients are refused"),
  targets: register.gauge("sdn_proxy_targets", "Real servers, counted once per virtual server"),
  drainingTargets: register.gauge("sdn_proxy_draining_targets", "Real servers of IPVS that get no new connections while open ones go on"),
  nodesDown: register.gauge("sdn_proxy_nodes_down", "Remote nodes that get no new connections"),
  refusedClusters: register.gauge("sdn_proxy_refused_clusters", "1 per cluster that is not applied on this node", ["cluster", "reason"]),
  changes: register.counter("sdn_proxy_changes_total", "Changes of servers, prefixes and routes", ["result"]),
  drift: register.counter("sdn_proxy_drift_total", "Differences that somebody else made and a full pass repaired"),
  forgottenFlows: register.counter("sdn_proxy_forgotten_flows_total", "UDP flows forgotten because their target is gone"),
  // The last bucket is the time for which a node that died may still get connections (8 s): a slower pass is late.
  pass: register.histogram("sdn_proxy_pass_seconds", "One pass: plan, diff, apply", [0.01, 0.05, 0.25, 1, 8], ["scope"]),
  failedPasses: register.counter("sdn_proxy_failed_passes_total", "Passes that ended by an error and were repeated"),
});
