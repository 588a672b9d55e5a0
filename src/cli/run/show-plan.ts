import type { PlayPlan } from '../../core/events/plan.ts';
import { formatPlan } from '../../report/plan/format-plan.ts';
import type { FleetPlanShown } from '../../report/reporter.ts';
import type { Environment } from '../environment.ts';
import type { ShowOptions } from '../options/options.ts';
import { textOptions } from '../output/output.ts';

/** Shows a plan to people; readers of JSON get it as an event. */
export function showPlan(shown: PlayPlan, options: ShowOptions, environment: Environment): void {
  if (options.output === 'json') return;
  const { stdout } = environment;
  const style = textOptions(stdout, options, environment);
  const text = formatPlan(shown, { ...style, verbose: options.verbose > 0, diff: options.diff ?? false });
  stdout.write(`${text}\n\n`);
}

/** Plans of several clusters are shown in full only if more than a line each is wanted. */
export function isPlanDetailed({ verbose, diff = false }: ShowOptions): boolean {
  return verbose > 0 || diff;
}

/** Shows a plan of a command that prints a line per cluster: one of several only if it is to be shown in full. */
export function showPlanInFleet(shown: PlayPlan, options: ShowOptions, environment: Environment): void {
  if (!shown.cluster || isPlanDetailed(options)) showPlan(shown, options, environment);
}

/** What a run with this value of `--window` does with clusters outside their windows, unless it waits for them. */
export function whenShut(window: unknown): Pick<FleetPlanShown, 'whenShut'> {
  if (window === 'wait') return {};
  return { whenShut: window === 'skip' ? 'skipped' : window === 'override' ? 'overridden' : 'refused' };
}
