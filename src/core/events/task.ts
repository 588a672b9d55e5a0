import type { Change } from '../plan.ts';
import type { ProblemCode } from '../problems/code.ts';
import type { SourcePosition } from '../source.ts';
import type { Evidence } from './evidence.ts';
import type { InCluster } from './in-cluster.ts';

/** Which task of a play. */
export interface TaskRef {
  /** Its path in the play: `tasks.3`, `tasks.3.rescue.0`. Plans, events and the journal identify the task by it. */
  readonly path: string;
  /** As the playbook calls it. */
  readonly name: string;
  /** The step that it runs: `certs.check`. */
  readonly step: string;
  /** Where it is written; absent for a task that comes from no file. */
  readonly position?: SourcePosition;
}

/** Which block of a play. */
export interface BlockRef {
  /** Its path in the play: `tasks.3`. */
  readonly path: string;
  /** As the playbook calls it. */
  readonly name: string;
}

/**
 * How a task ended on a host. `ok`: nothing had to change. `changed`: something has changed, or would have in check mode.
 * `ignored`: it failed or the host was unreachable, and the play ignores that. `failed`: a failure that counts; if a rescue
 * catches it, `task-rescued` follows. `cancelled`: the run went no further.
 */
export type TaskOutcome = 'ok' | 'changed' | 'skipped' | 'ignored' | 'failed' | 'unreachable' | 'refused' | 'cancelled';

/** A task starts; with `strategy: free` for each host separately. */
export interface TaskStartedEvent extends InCluster {
  readonly type: 'task-started';
  readonly task: TaskRef;
  /** On which hosts of the batch. */
  readonly hosts: readonly string[];
}

/** A stage of a task starts: all hosts finish it before any of them starts the next. */
export interface StageStartedEvent extends InCluster {
  readonly type: 'stage-started';
  readonly task: TaskRef;
  /** The stage's name. */
  readonly stage: string;
  /** The hosts that it changes. */
  readonly hosts: readonly string[];
}

/** Every host has finished the stage or dropped out. */
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
  /** What it waits for, in its current state. */
  readonly message: string;
  /** Since the wait began. */
  readonly elapsedMs: number;
  /** The maximum wait. */
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
  /** What its step found or proved besides its changes, in a clause. */
  readonly told?: string;
  /** The output of a task that only shows something, one text per loop entry. */
  readonly said?: readonly string[];
  /** What has changed; for `failed`, `ignored` and `unreachable`, what had been changed before. */
  readonly changes: readonly Change[];
  readonly details?: readonly Evidence[];
  /** What to do, one line. */
  readonly remedy?: string;
  /** The code of a failure or refusal, for `kplay explain`. */
  readonly code?: ProblemCode;
  /** How long it took on this host. */
  readonly elapsedMs: number;
}

/** A rescue catches the failure of a task on a host: the host goes on with the rescue of an enclosing block. */
export interface TaskRescuedEvent extends InCluster {
  readonly type: 'task-rescued';
  /** The failed task; its `task-finished` came before. */
  readonly task: TaskRef;
  readonly host: string;
  /** The block whose rescue runs next. */
  readonly block: BlockRef;
}
