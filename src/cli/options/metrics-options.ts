import { type Command, Option } from 'commander';
import { collect } from './option-values.ts';
import { refuseAlone } from './preset-options.ts';

/** For node_exporter's textfile collector. */
export interface MetricsOptions {
  readonly metrics?: string;
  readonly metricsLabel?: readonly string[];
}

/** How a command writes metrics. */
interface MetricsUse {
  /** Options of the command with which it writes none. */
  readonly without?: readonly string[];
  /** The value of `-o` with which it prints them. */
  readonly printedAs?: string;
}

/** A file of metrics, and labels for all of them. */
export function addMetricsOptions(command: Command, { without = [], printedAs }: MetricsUse = {}): Command {
  return command
    .addOption(
      new Option(
        '--metrics <file>',
        "write metrics there at the end, for node_exporter's textfile collector",
      ).conflicts([...without]),
    )
    .addOption(
      new Option(
        '--metrics-label <name=value>',
        'a label for each of the metrics, which tells them from those of other inventories; repeatable',
      )
        .argParser(collect)
        .default([], 'none')
        .conflicts([...without]),
    )
    .hook('preAction', (own) => {
      const { metrics, output } = own.opts<MetricsOptions & { readonly output?: string }>();
      const isPrinted = printedAs !== undefined && output === printedAs;
      if (metrics === undefined && !isPrinted)
        refuseAlone(own, ['metricsLabel'], printedAs === undefined ? '--metrics' : `--metrics or -o ${printedAs}`);
    });
}
