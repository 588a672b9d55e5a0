import { quoteWord } from '../../core/shell.ts';
import type { StateOptions } from '../options/options.ts';

/**
 * A command about a run, which is found where this one has found it. `resume` goes on with it, or lifts its pause.
 * @param wave of `approve`
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
