import { escapeControls } from '../text/escape.ts';

/** A gauge, as docs/reference/metrics.md describes it. */
export interface MetricKind {
  /** `kplay_check_timestamp_seconds`: base units, according to https://prometheus.io/docs/practices/naming/. */
  readonly name: string;
  readonly help: string;
  /** Labels that a sample may have. */
  readonly labels: readonly string[];
}

/** A gauge with its samples. */
export interface Metric extends MetricKind {
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string | null>>;
  readonly value: number;
}

/** Labels with their values. */
export type MetricLabels = Readonly<Record<string, string>>;

/**
 * Metrics in the text format that Prometheus and node_exporter's textfile collector read
 * (https://prometheus.io/docs/instrumenting/exposition_formats/), without those that have no samples. A duplicate series would make the
 * whole text unreadable, so only the first is kept. Labels without a value are left out.
 * @param more labels that every sample gets.
 */
export function prometheusText(metrics: readonly Metric[], more: MetricLabels = {}): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) => {
      const series = new Map<string, number>();
      for (const { labels, value } of samples) {
        const key = `${name}${labelText({ ...labels, ...more })}`;
        if (!series.has(key)) series.set(key, value);
      }
      const lines = [...series].map(([key, value]) => `${key} ${value}\n`);
      return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} gauge\n${lines.join('')}`;
    })
    .join('');
}

function labelText(labels: Sample['labels']): string {
  const written = Object.entries(labels).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [`${name}="${labelValue(value)}"`],
  );
  return written.length === 0 ? '' : `{${written.join(',')}}`;
}

/** Text from hosts is already on one line, so only backslashes and quotes need escaping. */
function labelValue(value: string): string {
  return escapeControls(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}
