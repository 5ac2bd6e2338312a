import type { CounterMetric, GaugeMetric, HistogramMetric, MetricsRegister } from "@sdn-tunnel/common/daemon/metrics";

/** What sdn-tunneld counts; a row for each stands in the README. */
export interface TunnelMetrics {
  readonly pass: HistogramMetric;
  readonly operations: CounterMetric;
  readonly failures: CounterMetric;
  readonly refusals: GaugeMetric;
  readonly held: GaugeMetric;
  readonly deviceDriver: GaugeMetric;
  readonly wiring: GaugeMetric;
  readonly flowsRestored: CounterMetric;
  readonly packetsRestored: CounterMetric;
  readonly acceptsRestored: CounterMetric;
  readonly nodeUp: GaugeMetric;
  readonly roundTrip: GaugeMetric;
  readonly probesDropped: CounterMetric;
  readonly endpointFailures: CounterMetric;
  readonly sentBytes: GaugeMetric;
  readonly receivedBytes: GaugeMetric;
  readonly handshake: GaugeMetric;
}

const node = ["cluster", "node"];
/** Names and labels that prometheus-wireguard-exporter made usual, so that existing graphs work. */
const peer = ["interface", "public_key", "allowed_ips", "friendly_name"];

export const createTunnelMetrics = (register: MetricsRegister): TunnelMetrics => ({
  // The last bucket is the audit period (30 s): a slower pass is late by definition.
  pass: register.histogram("sdn_tunnel_pass_seconds", "One pass from view to kernel, by scope", [0.001, 0.01, 0.1, 1, 10, 30], ["scope"]),
  operations: register.counter("sdn_tunnel_operations_total", "Kernel changes that were applied, by kind", ["kind"]),
  failures: register.counter("sdn_tunnel_failures_total", "Kernel changes and passes that failed, by kind", ["kind"]),
  refusals: register.gauge("sdn_tunnel_refusals", "Things that were published and are refused now", ["cluster", "reason"]),
  held: register.gauge("sdn_tunnel_held", "1 for a cluster for which nothing is written: paused, or its key is unusable", ["cluster"]),
  deviceDriver: register.gauge("sdn_tunnel_device_driver", "1, labelled by whose WireGuard is in use and why", ["driver", "reason"]),
  wiring: register.gauge("sdn_tunnel_wiring", "1, labelled by which way pods reach the tunnel and why", ["wiring", "reason"]),
  flowsRestored: register.counter("sdn_tunnel_flows_restored_total", "Flows that somebody else took out of the SDN's bridge, and that were put back"),
  packetsRestored: register.counter("sdn_tunnel_packet_rules_restored_total", "Times that somebody else had changed or removed our nftables table, and it was put back"),
  acceptsRestored: register.counter("sdn_tunnel_accept_rules_restored_total", "Accept rules that went out of a chain of somebody else, and were put back", ["chain"]),
  nodeUp: register.gauge("sdn_tunnel_node_up", "1 while the data path to a remote node works, 0 while it does not", node),
  roundTrip: register.gauge("sdn_tunnel_round_trip_seconds", "Round-trip time of the last answered probe", node),
  probesDropped: register.counter("sdn_tunnel_probes_dropped_total", "Echo requests that were not answered, by reason", ["reason"]),
  endpointFailures: register.counter("sdn_tunnel_endpoint_failures_total", "Endpoint names that could not be resolved", ["name"]),
  sentBytes: register.gauge("wireguard_sent_bytes_total", "Bytes sent to the peer", peer),
  receivedBytes: register.gauge("wireguard_received_bytes_total", "Bytes received from the peer", peer),
  handshake: register.gauge("wireguard_latest_handshake_seconds", "Unix time of the last handshake with the peer", peer),
});
