import type { Change } from '../plan.ts';
import type { ProblemCode } from '../problems/code.ts';
import type { SourcePosition } from '../source.ts';
import type { Evidence } from './evidence.ts';
import type { InCluster } from './in-cluster.ts';

/** Which task of a play. */
export interface TaskRef {
  /** Where it stands in its play: `tasks.3`, `tasks.3.rescue.0`. Plans, events and journal name the task by it. */
  readonly path: string;
  /** As the playbook calls it. */
  readonly name: string;
  /** What it does: `certs.check`. */
  readonly step: string;
  /** Where it is written; absent of what no file holds. */
  readonly position?: SourcePosition;
}

/** Which block of a play. */
export interface BlockRef {
  /** Where it stands in its play: `tasks.3`. */
  readonly path: string;
  /** As the playbook calls it. */
  readonly name: string;
}

/**
 * How a task ended on a host. `ok`: nothing had to change. `changed`: something has, or would have in check mode. `ignored`: it failed, or could not be reached, and the play says that nobody minds. `failed`: it
 * failed and it counts; where a rescue catches that, `task-rescued` follows. `cancelled`: the run went no further.
 */
export type TaskOutcome = 'ok' | 'changed' | 'skipped' | 'ignored' | 'failed' | 'unreachable' | 'refused' | 'cancelled';

/** A task begins; with `strategy: free` for each host by itself. */
export interface TaskStartedEvent extends InCluster {
  readonly type: 'task-started';
  readonly task: TaskRef;
  /** On which hosts of the batch. */
  readonly hosts: readonly string[];
}

/** A part of a task begins that all hosts pass before any enters the next. */
export interface StageStartedEvent extends InCluster {
  readonly type: 'stage-started';
  readonly task: TaskRef;
  /** The stage's name. */
  readonly stage: string;
  /** The hosts that it changes. */
  readonly hosts: readonly string[];
}

/** Every host has passed the stage or has dropped out. */
export interface StageFinishedEvent extends InCluster {
  readonly type: 'stage-finished';
  readonly task: TaskRef;
  /** The stage's name. */
  readonly stage: string;
  /** How long it took. */
  readonly elapsedMs: number;
}

/** What a host is doing or waiting for. */
export interface TaskProgressEvent extends InCluster {
  readonly type: 'task-progress';
  readonly task: TaskRef;
  readonly host: string;
  /** What is waited for, as it stands. */
  readonly message: string;
  /** Since the waiting began. */
  readonly elapsedMs: number;
  /** It will not wait longer than that. */
  readonly limitMs?: number;
}

/** A task has ended on one host. */
export interface TaskFinishedEvent extends InCluster {
  readonly type: 'task-finished';
  readonly task: TaskRef;
  readonly host: string;
  readonly outcome: TaskOutcome;
  /** Why, in a clause: why nothing had to change, what failed. */
  readonly reason: string;
  /** What its step found besides its changes, in a clause: what it has proven. */
  readonly told?: string;
  /** What it was there to show, one text for each entry of a loop. */
  readonly said?: readonly string[];
  /** What has changed; of `failed`, `ignored` and `unreachable` what had been changed before. */
  readonly changes: readonly Change[];
  readonly details?: readonly Evidence[];
  /** What to do, one line. */
  readonly remedy?: string;
  /** What `kplay explain` calls a failure or a refusal. */
  readonly code?: ProblemCode;
  /** How long it took on this host. */
  readonly elapsedMs: number;
}

/** The failure of a task on a host is caught: the host goes on with the rescue of a block around it. */
export interface TaskRescuedEvent extends InCluster {
  readonly type: 'task-rescued';
  /** The task that failed; its `task-finished` came before. */
  readonly task: TaskRef;
  readonly host: string;
  /** The block whose rescue comes next. */
  readonly block: BlockRef;
}
