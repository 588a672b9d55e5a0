import type { ProblemCode } from '../problems/code.ts';
import type { SignalSource } from '../signal.ts';
import type { InCluster } from './in-cluster.ts';
import type { HostRecap } from './recap.ts';

/** The first event of a run. */
export interface RunStartedEvent {
  readonly type: 'run-started';
  /** Identifies the run; backups and journals carry it. */
  readonly runId: string;
  /** `run`, `plan`, `check`, … */
  readonly command: string;
  /** The path of the playbook. */
  readonly source: string;
  /** The version of kplay itself. */
  readonly kplayVersion: string;
  /** Whether hosts may be changed. False for `plan`, `check` and dry runs. */
  readonly writes: boolean;
}

/** Something that does not stop the run. */
export interface WarningEvent extends InCluster {
  readonly type: 'warning';
  /** The hosts concerned. */
  readonly hosts: readonly string[];
  /** What is wrong. */
  readonly message: string;
  /** What to do, one line. */
  readonly remedy?: string;
  /** The code for `kplay explain`, if hosts take no part because of it. */
  readonly code?: ProblemCode;
  /** The server that keeps the rollout, or its workers, do not answer, or answer again: in between, nothing of it is known. */
  readonly engine?: 'away' | 'back';
}

/** A signal was received. */
export interface InterruptedEvent {
  readonly type: 'interrupted';
  /** What kplay does because of it. */
  readonly message: string;
}

/** An operator has paused the run: no cluster is started until it is resumed or aborted; those in progress are finished. */
export interface RunPausedEvent extends SignalSource {
  readonly type: 'run-paused';
  /** The command that lifts the pause. */
  readonly remedy: string;
}

/** An operator has resumed the run. */
export interface RunResumedEvent extends SignalSource {
  readonly type: 'run-resumed';
}

/** An operator has aborted the run: no more clusters are started; those in progress are finished. */
export interface RunAbortedEvent extends SignalSource {
  readonly type: 'run-aborted';
  /** What to do, one line. */
  readonly remedy: string;
}

/** The last event of a run that was not killed. */
export interface RunFinishedEvent {
  readonly type: 'run-finished';
  /** The result of each host. */
  readonly hosts: readonly HostRecap[];
  /** How long the whole run took. */
  readonly elapsedMs: number;
  /** The exit code of kplay. */
  readonly exitCode: number;
  /** What to do next, each a command or a sentence. */
  readonly next: readonly string[];
  /** Hosts that no command under `next` restores, because what would be restored has expired, expires within a day, or cannot be used; absent if there are none. */
  readonly noUndo?: readonly string[];
  /** Contacts of the clusters that need attention; absent if there are none. */
  readonly contacts?: readonly ClusterContact[];
  /** The user answered no when asked whether to apply the plan. */
  readonly declined?: true;
}

/** Whom to contact about a cluster. */
export interface ClusterContact {
  /** Its name. */
  readonly cluster: string;
  /** As given in the inventory. */
  readonly contact: string;
}
