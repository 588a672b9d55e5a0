import type { ClusterRef, ClusterWindow } from '../cluster.ts';
import type { Change } from '../plan.ts';
import type { ProblemCode } from '../problems/code.ts';
import type { Evidence } from './evidence.ts';
import type { TaskRef } from './task.ts';

/** The plan of a play for the hosts of one cluster, as shown and saved. */
export interface PlayPlan {
  /** The play's name. */
  readonly play: string;
  /** The cluster, if the play has hosts of several. */
  readonly cluster?: ClusterRef;
  /** The state of the cluster's windows when the plan was made; absent if it has none. */
  readonly window?: ClusterWindow;
  /** What is known about the cluster; absent for hosts that belong to none. */
  readonly facts?: ClusterFacts;
  readonly order: PlanOrder;
  /** The tasks that at least one host reaches, in order. */
  readonly tasks: readonly TaskRef[];
  /** The plan of each host. */
  readonly hosts: readonly HostPlan[];
}

/** Properties that distinguish clusters when they are ordered. */
export interface ClusterFacts {
  /** Of the certificates that a renewal replaces, the one that expires first. */
  readonly expires?: { readonly host: string; readonly name: string; readonly ends: string };
  /** The lowest minor version of its API servers: `1.33`. */
  readonly kubernetes?: string;
  /** `3 masters, etcd stacked` */
  readonly topology?: string;
}

/** The order in which a play goes through its hosts. */
export interface PlanOrder {
  /** `linear`, `planned`, `recovery`. */
  readonly name: string;
  /** Why, in a clause. */
  readonly reason: string;
  /** The hosts of a batch go side by side, the batches one after another. */
  readonly batches: readonly (readonly string[])[];
}

/** What a play will do to one host. */
export interface HostPlan {
  readonly host: string;
  /** One short clause about the host: `kubeadm v1.33.13 · containerd · stacked etcd`. */
  readonly about?: string;
  /** What each task of the play will do to it, in the order of planning. */
  readonly tasks: readonly PlannedTask[];
}

/** What a task will do to a host. */
export type PlannedTask = PlannedNone | PlannedChange | PlannedCheck | PlannedUnknown | PlannedRefusal | PlannedSkip;

/** What a task will do to a host, without the task itself. */
export type ShownTaskPlan = PlannedTask extends infer Plan
  ? Plan extends unknown
    ? Omit<Plan, keyof Planned>
    : never
  : never;

interface Planned {
  /** The task's path: `tasks.3`. */
  readonly path: string;
  /** Why only the run decides whether the host reaches the task: `only if 'Reload' changes something`. */
  readonly condition?: string;
  /** The host reaches the task only if something fails before: without a failure, nothing is done. */
  readonly onlyAfterFailure?: true;
  /** When the run decides what the task does instead: `unless a task of 'Try' fails`, the block of whose `always` it is. */
  readonly unless?: string;
  /** Whether contents of files are shown as diffs, if the task sets it. */
  readonly diff?: boolean;
}

/** Nothing has to change. */
export interface PlannedNone extends Planned {
  readonly action: 'none';
  /** Why, in a clause. */
  readonly reason: string;
  /** What a task in check mode (`check_mode`) would change. */
  readonly would?: readonly Change[];
}

/** Something will change. */
export interface PlannedChange extends Planned {
  readonly action: 'change';
  /** What, at least one. */
  readonly changes: readonly [Change, ...Change[]];
}

/** Nothing is written: the task waits for something, or proves it. */
export interface PlannedCheck extends Planned {
  readonly action: 'check';
  /** What. */
  readonly expectation: string;
}

/** Known only during the run. */
export interface PlannedUnknown extends Planned {
  readonly action: 'unknown';
  /** The name of the task after which it will be known. */
  readonly until: string;
  /** Whatever it will be, nothing is changed: the task only looks. */
  readonly isLook?: true;
}

/** The task will not be carried out. */
export interface PlannedRefusal extends Planned {
  readonly action: 'refuse';
  /** The code for `kplay explain`. */
  readonly code: ProblemCode;
  /** Why, in a clause. */
  readonly reason: string;
  /** What to do, one line. */
  readonly remedy: string;
  readonly details?: readonly Evidence[];
  /** The task is known to fail: the host counts as failed, not as refused. */
  readonly isFailure?: true;
}

/** The host skips the task, because of `when` or of tags. */
export interface PlannedSkip extends Planned {
  readonly action: 'skip';
  /** Why, in a clause. */
  readonly reason: string;
}

/** The number of hosts by what the plan means for them, and of certain changes. */
export interface PlanTotals {
  /** Hosts that will be changed. */
  readonly change: number;
  /** Hosts for which only the run decides whether they will be changed. */
  readonly mayChange: number;
  readonly unchanged: number;
  /** How many of these may be changed all the same, if a task fails, by a `rescue` for example: outside its windows no run is started for that either; absent: none. */
  readonly unlessFailed?: number;
  /** Hosts that are refused, or on which a task is known to fail. */
  readonly refused: number;
  /** How many of these are not refused, but will fail; absent: none. */
  readonly failing?: number;
  /** Changes to all hosts, without `look` and without those that only the run decides. */
  readonly changes: number;
}
