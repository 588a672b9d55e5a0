import type { ProblemCode } from '../problems/code.ts';
import type { Said } from '../signal.ts';
import type { InCluster } from './in-cluster.ts';
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
export interface WarningEvent extends InCluster {
  readonly type: 'warning';
  /** Which hosts it is of. */
  readonly hosts: readonly string[];
  /** What is not right. */
  readonly message: string;
  /** What to do, one line. */
  readonly remedy?: string;
  /** What `kplay explain` calls it, where hosts take no part because of it. */
  readonly code?: ProblemCode;
}

/** A signal came. */
export interface InterruptedEvent {
  readonly type: 'interrupted';
  /** What kplay does because of it. */
  readonly message: string;
}

/** Somebody has paused the run: no cluster is started until it is resumed or aborted, and those in progress are finished. */
export interface RunPausedEvent extends Said {
  readonly type: 'run-paused';
  /** The command that lifts the pause. */
  readonly remedy: string;
}

/** Somebody has lifted the pause. */
export interface RunResumedEvent extends Said {
  readonly type: 'run-resumed';
}

/** Somebody has aborted the run: no cluster is started any more, and those in progress are finished. */
export interface RunAbortedEvent extends Said {
  readonly type: 'run-aborted';
  /** What to do, one line. */
  readonly remedy: string;
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
  /** Whom to turn to, of the clusters that need attention and say it; absent where there are none. */
  readonly contacts?: readonly ClusterContact[];
}

/** Whom to turn to about a cluster. */
export interface ClusterContact {
  /** Its name. */
  readonly cluster: string;
  /** As the inventory says it. */
  readonly contact: string;
}
