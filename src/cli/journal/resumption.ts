import type { PlaybookRun } from '../run/playbook-run.ts';
import type { EarlierBackup } from './earlier-backups.ts';

/** What a command takes over from the run that it resumes. */
export interface Resumption
  extends Pick<PlaybookRun, 'resumes' | 'resumeReason' | 'runId' | 'claim' | 'now' | 'left' | 'checkInputs'> {
  /**
   * Whether the result of that run has been reported on this machine; if not, a Temporal server may have one. Absent when no run is
   * resumed.
   */
  readonly previousRun?: 'followed' | 'unfollowed';
  /** The backups that this run, and those that it resumed, have made. */
  readonly earlier?: readonly EarlierBackup[];
}
