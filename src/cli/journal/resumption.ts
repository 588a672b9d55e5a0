import type { PlaybookRun } from '../run/run-playbook.ts';

/** What a command takes from the run that it goes on with. */
export type Resumption = Pick<PlaybookRun, 'resumes' | 'runId' | 'now' | 'checkInputs'>;
