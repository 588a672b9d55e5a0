import type { PlaybookRun } from '../run/playbook-run.ts';
import type { EarlierBackup } from './earlier-backups.ts';

/** What a command takes from the run that it goes on with. */
export interface Resumption extends Pick<PlaybookRun, 'resumes' | 'resumeReason' | 'runId' | 'now' | 'checkInputs'> {
  /** Whether the end of that run has been told here: a Temporal server may have come to another since. Absent where it goes on with none. */
  readonly goesOnWith?: 'followed' | 'unfollowed';
  /** What that run, and those that it goes on with, have saved. */
  readonly earlier?: readonly EarlierBackup[];
}
