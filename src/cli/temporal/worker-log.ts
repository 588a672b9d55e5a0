import { PlainReporter } from '../../report/plain-reporter.ts';
import type { Output, Reporter } from '../../report/reporter.ts';
import type { Environment } from '../environment.ts';
import type { OutputOptions } from '../options/options.ts';
import { textOptions, timeZone } from '../output/output.ts';

/** The log of a worker: lines of several clusters, each with the name of its own in front. */
export function workerReporter(
  cluster: string,
  options: Omit<OutputOptions, 'output'>,
  environment: Environment,
): Reporter {
  const { stdout, clock } = environment;
  const output: Output = {
    write: (text) => stdout.write(text.replace(/^(?=.)/gm, `${cluster} | `)),
  };
  return new PlainReporter(output, {
    ...textOptions(stdout, options, environment),
    now: clock,
    timeZone: timeZone(options),
    verbosity: options.verbose,
  });
}
