import { JsonReporter } from './json-reporter.ts';
import { PlainReporter } from './plain-reporter.ts';
import type { Output, Reporter, ReporterOptions } from './reporter.ts';
import { TreeReporter } from './tree-reporter.ts';

/** `--output`: `auto` is `tree` for a person at a terminal and `plain` for everything else. */
export type ReporterKind = 'auto' | 'tree' | 'plain' | 'json';

export interface ReporterFlags extends ReporterOptions {
  /** Running under CI, where a terminal is only pretended. */
  readonly ci: boolean;
}

/** The reporter of a kind, writing to `output`. */
export function chooseReporter(kind: ReporterKind, output: Output, flags: ReporterFlags): Reporter {
  switch (kind) {
    case 'auto':
      return chooseReporter(output.isTTY && !flags.ci ? 'tree' : 'plain', output, flags);
    case 'tree':
      return new TreeReporter(output, flags);
    case 'plain':
      return new PlainReporter(output, flags);
    case 'json':
      return new JsonReporter(output, () => flags.now());
  }
}
