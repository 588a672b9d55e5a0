import type { PlayPlan } from '../../core/events/plan.ts';
import { formatPlan } from '../../report/format-plan.ts';
import type { Environment } from '../environment.ts';
import type { ShowOptions } from '../options/options.ts';
import { textOptions } from '../output/output.ts';

/** Writes a plan where people read; JSON readers get it as an event. */
export function showPlan(shown: PlayPlan, options: ShowOptions, environment: Environment): void {
  if (options.output === 'json') return;
  const { stdout } = environment;
  const style = textOptions(stdout, options, environment);
  const text = formatPlan(shown, { ...style, verbose: options.verbose > 0, diff: options.diff ?? false });
  stdout.write(`${text}\n\n`);
}

/** The plans of several clusters are shown in full when somebody wants to see more than a line each. */
export function isPlanDetailed({ verbose, diff = false }: ShowOptions): boolean {
  return verbose > 0 || diff;
}

/** A plan of a command that shows a line a cluster: of one among several only where it is to be shown in full. */
export function showPlanInFleet(shown: PlayPlan, options: ShowOptions, environment: Environment): void {
  if (!shown.cluster || isPlanDetailed(options)) showPlan(shown, options, environment);
}
