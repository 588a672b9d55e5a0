import { Option } from 'commander';
import { collect } from './option-values.ts';

/** For node_exporter's textfile collector. */
export interface MetricsOptions {
  readonly metrics?: string;
  readonly metricsLabel?: readonly string[];
}

/** The file of metrics. */
export function metricsOption(): Option {
  return new Option('--metrics <file>', "write metrics there at the end, for node_exporter's textfile collector");
}

/** Labels for all metrics. */
export function metricsLabelOption(): Option {
  return new Option(
    '--metrics-label <name=value>',
    'a label for each of the metrics, which tells them from those of other inventories; repeatable',
  )
    .argParser(collect)
    .default([], 'none');
}
