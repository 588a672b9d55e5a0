import type { Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { CHECK_METRICS } from '../../report/check/prom.ts';
import type { MetricLabels } from '../../report/formats/prometheus.ts';
import { RUN_METRICS } from '../../report/formats/run-metrics.ts';

/** Names with two underscores are Prometheus' own. */
const LABEL = /^(?!__)([a-zA-Z_][a-zA-Z0-9_]*)=(.+)$/s;

/** The labels of `--metrics-label`, which each series of the command gets. @param problems gets what is wrong with them. */
export function metricLabels(texts: readonly string[], problems: Problems): MetricLabels {
  const own = new Set<string>(
    [...Object.values(CHECK_METRICS), ...Object.values(RUN_METRICS)].flatMap((it) => it.labels),
  );
  const labels = new Map<string, string>();
  for (const text of texts) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? [];
    const place = rangeOfArgument('--metrics-label', text);
    if (name === '')
      problems.error(
        `'${text}' is not a label`,
        place,
        'write NAME=VALUE, with letters, digits and _ in the name: site=berlin',
      );
    else if (own.has(name))
      problems.error(
        `kplay's metrics have a label '${name}' themselves`,
        place,
        `use another name: inventory=${value}`,
      );
    else if (labels.has(name)) problems.error(`the label '${name}' is given twice`, place, 'leave one of them out');
    labels.set(name, value);
  }
  return Object.fromEntries(labels);
}
