import { quoteWord } from '../../core/shell.ts';
import type { StateOptions } from '../options.ts';
import type { PlaybookRun } from '../run-playbook.ts';

/** What a command takes from the run that it goes on with. */
export type Resumption = Pick<PlaybookRun, 'resumes' | 'runId' | 'now' | 'checkInputs'>;

/** The command that goes on with a run. */
export function resumeCommand(id: string, { state }: StateOptions): string {
  return `kplay resume ${id}${state === undefined ? '' : ` --state ${quoteWord(state)}`}`;
}
