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
  if (processMetrics) collectDefaultMetrics({ register: registry });
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
