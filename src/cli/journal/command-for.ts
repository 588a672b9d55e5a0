import { quoteWord } from '../../core/shell.ts';
import type { StateOptions } from '../options/options.ts';

/**
 * A command for a run, with the options that find it. `resume` resumes the run, or lifts its pause.
 * @param wave for `approve`
 */
export function commandFor(
  verb: 'resume' | 'show' | 'logs' | 'approve',
  id: string,
  { state }: StateOptions,
  wave?: string,
): string {
  const words = wave === undefined ? id : `${id} ${quoteWord(wave)}`;
  return `kplay ${verb} ${words}${state === undefined ? '' : ` --state ${quoteWord(state)}`}`;
}
