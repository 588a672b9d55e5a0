import { JsonReporter } from './json-reporter.ts';
import { PlainReporter } from './plain-reporter.ts';
import type { Output, Reporter, ReporterOptions } from './reporter.ts';
import { TreeReporter } from './tree-reporter.ts';

/** `--output`: `auto` is `tree` for a person at a terminal who does not want everything told, and `plain` for everybody else. */
export type ReporterKind = 'auto' | 'tree' | 'plain' | 'json';

export interface ReporterFlags extends ReporterOptions {
  /** Running under CI, where a terminal is only pretended, or on one that cannot move its cursor. */
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

/** Somebody sits in front of it and wants the whole rather than each part. */
function isWatched({ isTTY }: Output, { ci, verbosity = 0 }: ReporterFlags): boolean {
  return isTTY === true && !ci && verbosity < 2;
}
