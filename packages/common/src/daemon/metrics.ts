import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** Values of a metric's labels. */
export type Labels = Readonly<Record<string, string>>;

export interface CounterMetric {
  inc(labels?: Labels, by?: number): void;
}

export interface GaugeMetric {
  set(value: number, labels?: Labels): void;
  /** Forgets every series, so that those of removed objects do not stay. */
  reset(): void;
}

export interface HistogramMetric {
  /** In the unit that the metric's name carries. */
  observe(value: number, labels?: Labels): void;
}

/** Where a package registers its metrics: names carry the unit, `sdn_<package>_<what>_<unit>`. */
export interface MetricsRegister {
  counter(name: string, help: string, labels?: readonly string[]): CounterMetric;
  gauge(name: string, help: string, labels?: readonly string[]): GaugeMetric;
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): HistogramMetric;
}

/** A register that can print itself in the Prometheus text format. */
export interface Metrics extends MetricsRegister {
  text(): Promise<string>;
}

export function createMetrics({ processMetrics = true } = {}): Metrics {
  const registry = new Registry();
  if (processMetrics) collectProcessMetrics(registry);
  const registers = [registry];
  return {
    counter(name, help, labels = []) {
      const counter = new Counter({ name, help, labelNames: [...labels], registers });
      return { inc: (values = {}, by = 1) => counter.inc({ ...values }, by) };
    },
    gauge(name, help, labels = []) {
      const gauge = new Gauge({ name, help, labelNames: [...labels], registers });
      return { set: (value, values = {}) => gauge.set({ ...values }, value), reset: () => gauge.reset() };
    },
    histogram(name, help, buckets, labels = []) {
      const histogram = new Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers });
      return { observe: (value, values = {}) => histogram.observe({ ...values }, value) };
    },
    text: () => registry.metrics(),
  };
}

/** Statistics of the event loop's delay, which prom-client takes by waking the process again and again. */
const SAMPLED = ["min", "max", "mean", "stddev", "p50", "p90", "p99"].map((part) => `nodejs_eventloop_lag_${part}_seconds`);

/** Longest time that a timer takes, in milliseconds: 24 days. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * What prom-client tells of a process, without what it samples 100 times a second: that was most of what a daemon at
 * rest did. `nodejs_eventloop_lag_seconds` stays; it is measured when somebody asks.
 */
function collectProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of SAMPLED) register.removeSingleMetric(name);
}
