import type { ClusterRef, ClusterWindow } from './cluster.ts';
import type { Change, TaskPlan } from './plan.ts';
import type { UnreachableCause } from './session.ts';

/** How a task ended on a host. `ok`: nothing had to change. `ignored`: it failed, and the play says that nobody minds. */
export type TaskOutcome = 'ok' | 'changed' | 'skipped' | 'ignored' | 'failed' | 'unreachable' | 'refused' | 'cancelled';

/** What the engine tells reporters, in the order in which it happens. Plain data; documented in docs/events.md. */
export type Event =
  | {
      readonly type: 'run-started';
      readonly runId: string;
      readonly command: string;
      /** Where what is run comes from: the playbook's path. */
      readonly source: string;
      readonly kplayVersion: string;
      /** The run can write. False for plan, check and dry runs. */
      readonly writes: boolean;
    }
  /** A play begins; its hosts are about to be connected. */
  | { readonly type: 'play-started'; readonly play: string; readonly hosts: readonly string[] }
  | { readonly type: 'host-connected'; readonly host: string; readonly elapsedMs: number }
  | {
      readonly type: 'host-unreachable';
      readonly host: string;
      readonly reason: UnreachableCause;
      readonly message: string;
      readonly remedy?: string;
    }
  /** The host takes no part: it differs from what a saved plan was made on. */
  | {
      readonly type: 'host-refused';
      readonly host: string;
      readonly reason: string;
      readonly details: readonly (readonly [label: string, text: string])[];
      readonly remedy: string;
    }
  /** Facts have been read from a host, all in one message. */
  | { readonly type: 'host-observed'; readonly host: string; readonly facts: number; readonly elapsedMs: number }
  /** A host cannot be looked at, or changed, before something on it has ended; it will not be waited for longer than that. */
  | {
      readonly type: 'host-waiting';
      readonly host: string;
      readonly message: string;
      readonly elapsedMs: number;
      readonly limitMs: number;
    }
  | { readonly type: 'play-planned'; readonly plan: PlayPlan }
  /** There is no order in which the play could go through its hosts, or those of one cluster; none of them is changed. */
  | {
      readonly type: 'play-refused';
      readonly play: string;
      /** Where the play has hosts of several clusters: of which one. */
      readonly cluster?: ClusterRef;
      readonly hosts: readonly string[];
      readonly reason: string;
      readonly details?: readonly (readonly [label: string, text: string])[];
      readonly remedy: string;
    }
  /** The windows of a cluster do not let these hosts be changed now: nothing is begun on them. */
  | {
      readonly type: 'window-shut';
      readonly play: string;
      readonly cluster: ClusterRef;
      readonly hosts: readonly string[];
      readonly window: ClusterWindow;
      /** Whether that counts as refused; `left`: it was asked for that they are left then. */
      readonly counts: 'refused' | 'left';
      readonly remedy: string;
    }
  /** They do not, and they are changed all the same, because somebody says so. */
  | {
      readonly type: 'window-overridden';
      readonly play: string;
      readonly cluster: ClusterRef;
      readonly hosts: readonly string[];
      readonly window: ClusterWindow;
      /** Why, in that person's words. */
      readonly reason: string;
    }
  /** Of a play with hosts of several clusters: those of one begin. Their batches and tasks follow. */
  | {
      readonly type: 'cluster-started';
      readonly play: string;
      readonly cluster: ClusterRef;
      readonly hosts: readonly string[];
    }
  | {
      readonly type: 'cluster-finished';
      readonly play: string;
      readonly cluster: ClusterRef;
      readonly elapsedMs: number;
    }
  | { readonly type: 'batch-started'; readonly number: number; readonly of: number; readonly hosts: readonly string[] }
  | { readonly type: 'task-started'; readonly task: TaskRef; readonly hosts: readonly string[] }
  | {
      readonly type: 'stage-started';
      readonly task: TaskRef;
      readonly stage: string;
      readonly hosts: readonly string[];
    }
  | { readonly type: 'stage-finished'; readonly task: TaskRef; readonly stage: string; readonly elapsedMs: number }
  /** What a host is doing or waiting for; `limitMs` when it will not wait longer than that. */
  | {
      readonly type: 'task-progress';
      readonly task: TaskRef;
      readonly host: string;
      readonly message: string;
      readonly elapsedMs: number;
      readonly limitMs?: number;
    }
  | {
      readonly type: 'task-finished';
      readonly task: TaskRef;
      readonly host: string;
      readonly outcome: TaskOutcome;
      /** Why, in a clause: the reason of `none`, what failed, what to wait for. */
      readonly reason: string;
      /** What its step found besides its changes, in a clause: what it has proven. */
      readonly told?: string;
      /** What it was there to show, one for each entry of a loop. */
      readonly said?: readonly string[];
      /** What has changed; for `failed`, what had been changed before it failed. */
      readonly changes: readonly Change[];
      readonly details?: readonly (readonly [label: string, text: string])[];
      readonly remedy?: string;
      readonly elapsedMs: number;
    }
  | { readonly type: 'undo-started'; readonly host: string; readonly step: string; readonly because: string }
  | {
      readonly type: 'undo-finished';
      readonly host: string;
      readonly succeeded: boolean;
      readonly message: string;
      readonly elapsedMs: number;
    }
  | { readonly type: 'warning'; readonly hosts: readonly string[]; readonly message: string; readonly remedy?: string }
  /** A signal came; `again` will stop at once. */
  | { readonly type: 'interrupted'; readonly message: string }
  | { readonly type: 'play-finished'; readonly play: string; readonly elapsedMs: number }
  | {
      readonly type: 'run-finished';
      readonly hosts: readonly HostRecap[];
      readonly elapsedMs: number;
      readonly exitCode: number;
      /** What to do next, each a command or a sentence. */
      readonly next: readonly string[];
    };

export interface TaskRef {
  /** Where it stands in its play: `tasks.3`, `tasks.3.rescue.0`. By it plans, events and journal name the task. */
  readonly path: string;
  readonly name: string;
  readonly step: string;
}

/** The plan of a play for the hosts of one cluster, as it is shown and saved. */
export interface PlayPlan {
  readonly play: string;
  /** Absent where the play has hosts of one cluster only. */
  readonly cluster?: ClusterRef;
  /** What the cluster's windows said when the plan was made; absent where it has none. */
  readonly window?: ClusterWindow;
  readonly order: { readonly name: string; readonly reason: string; readonly batches: readonly (readonly string[])[] };
  readonly tasks: readonly TaskRef[];
  readonly hosts: readonly HostPlan[];
}

export interface HostPlan {
  readonly host: string;
  /** One short clause about the host: `kubeadm v1.33.13 · containerd · stacked etcd`. */
  readonly about?: string;
  /** What each task of the play does to it, in the order in which they are planned. */
  readonly tasks: readonly PlannedTask[];
}

/** The plan of one task, which it names by its path. */
export type PlannedTask = ShownTaskPlan & {
  readonly path: string;
  /** Why it is decided in the run whether the host comes to it: `only if 'Reload' changes something`. */
  readonly condition?: string;
};

/** A task's plan without the world that it leads to: that stays inside the engine. */
export type ShownTaskPlan = TaskPlan extends infer Plan
  ? Plan extends unknown
    ? Omit<Plan, 'after' | 'result' | 'undo' | 'warnings' | 'says'>
    : never
  : never;

export interface HostRecap {
  readonly host: string;
  /** Where the run had hosts of several clusters: of which one it is. */
  readonly cluster?: ClusterRef;
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
  readonly skipped: number;
  /** Tasks that failed and were ignored; they count as `ok` as well. */
  readonly ignored: number;
  readonly refused: number;
  /** Tasks that failed in a block whose rescue has caught it. */
  readonly rescued: number;
  readonly rolledBack: number;
  /** In what state the host is now: `unchanged`, `changed`, `restored`, `unknown: connection lost in …`. */
  readonly state: string;
  /** Every change made to it and not taken back. */
  readonly changes: readonly Change[];
}

/** Where events go. Never throws. */
export type EventSink = (event: Event) => void;
