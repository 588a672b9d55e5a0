import type { PlayPlan } from '../core/events/plan.ts';
import { formatPlan } from '../report/format-plan.ts';
import type { Environment } from './environment.ts';
import type { ShowOptions } from './options.ts';
import { textOptions } from './output.ts';

/** Writes a plan where people read; JSON readers get it as an event. */
export function showPlan(shown: PlayPlan, options: ShowOptions, environment: Environment): void {
  if (options.output === 'json') return;
  const { stdout } = environment;
  const style = textOptions(stdout, options, environment);
  const text = formatPlan(shown, { ...style, verbose: options.verbose > 0, diff: options.diff ?? false });
  stdout.write(`${text}\n\n`);
}
