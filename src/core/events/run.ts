import type { HostRecap } from './recap.ts';

/** The first event of a run. */
export interface RunStartedEvent {
  readonly type: 'run-started';
  /** Names the run; backups and journals carry it. */
  readonly runId: string;
  /** `run`, `plan`, `check`, … */
  readonly command: string;
  /** Where what is run comes from: the playbook's path. */
  readonly source: string;
  /** The version of kplay itself. */
  readonly kplayVersion: string;
  /** Whether hosts may be changed. False for `plan`, `check` and dry runs. */
  readonly writes: boolean;
}

/** Something that does not stop the run. */
export interface WarningEvent {
  readonly type: 'warning';
  /** Which hosts it is of. */
  readonly hosts: readonly string[];
  /** What is not right. */
  readonly message: string;
  /** What to do, one line. */
  readonly remedy?: string;
}

/** A signal came. */
export interface InterruptedEvent {
  readonly type: 'interrupted';
  /** What kplay does because of it. */
  readonly message: string;
}

/** The last event of a run that was not killed. */
export interface RunFinishedEvent {
  readonly type: 'run-finished';
  /** What has come of each host. */
  readonly hosts: readonly HostRecap[];
  /** How long the whole run took. */
  readonly elapsedMs: number;
  /** With which code kplay exits. */
  readonly exitCode: number;
  /** What to do next, each a command or a sentence. */
  readonly next: readonly string[];
}
