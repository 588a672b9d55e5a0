import type { Output, Reporter, ReporterOptions } from '../reporter.ts';
import { JsonReporter } from './json-reporter.ts';
import { PlainReporter } from './plain-reporter.ts';
import { TreeReporter } from './tree-reporter.ts';

/** `--output`: `auto` is `tree` on a terminal without -vv, otherwise `plain`. */
export type ReporterKind = 'auto' | 'tree' | 'plain' | 'json';

export interface ReporterFlags extends ReporterOptions {
  /** Running under CI, where terminals are only simulated, or on one that cannot move its cursor. */
  readonly ci: boolean;
}

/** The reporter of a kind, writing to `output`. */
export function chooseReporter(kind: ReporterKind, output: Output, flags: ReporterFlags): Reporter {
  switch (kind) {
    case 'auto':
      return chooseReporter(isWatched(output, flags) ? 'tree' : 'plain', output, flags);
    case 'tree':
      return new TreeReporter(output, flags);
    case 'plain':
      return new PlainReporter(output, flags);
    case 'json':
      return new JsonReporter(output, () => flags.now());
  }
}

/** Whether a person watches the output and wants an overview rather than every detail. */
function isWatched({ isTTY }: Output, { ci, verbosity = 0 }: ReporterFlags): boolean {
  return isTTY === true && !ci && verbosity < 2;
}
