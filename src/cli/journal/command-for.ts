import { quoteWord } from '../../core/shell.ts';
import { looksSecret } from '../inputs/secret-variables.ts';
import type { StateOptions } from '../options/options.ts';

/**
 * A command for a run, with the options that find it. `resume` resumes the run, or lifts its pause.
 * @param wave for `approve`
 */
export function commandFor(
  verb: 'resume' | 'show' | 'logs' | 'approve',
  id: string,
  options: StateOptions,
  wave?: string,
): string {
  const words = wave === undefined ? id : `${id} ${quoteWord(wave)}`;
  return `kplay ${verb} ${words}${stateWords(options)}`;
}

/** The option that finds journals which are not where they are by default, with a blank before it. */
export function stateWords({ state }: StateOptions): string {
  return state === undefined ? '' : ` --state ${quoteWord(state)}`;
}

/** The command that resumes a run with these options. Variables that look like a secret are left for the user to type. */
export function resumeCommand(id: string, options: StateOptions & { readonly extraVars?: readonly string[] }): string {
  const hidden = (options.extraVars ?? []).filter(looksSecret).map(() => ' -e …');
  return `${commandFor('resume', id, options)}${hidden.join('')}`;
}
