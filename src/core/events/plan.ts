import type { ClusterRef, ClusterWindow } from '../cluster.ts';
import type { Change } from '../plan.ts';
import type { ProblemCode } from '../problems/code.ts';
import type { Evidence } from './evidence.ts';
import type { TaskRef } from './task.ts';

/** The plan of a play for the hosts of one cluster, as it is shown and saved. */
export interface PlayPlan {
  /** The play's name. */
  readonly play: string;
  /** Whose plan it is, when the play has hosts of several clusters. */
  readonly cluster?: ClusterRef;
  /** What the cluster's windows said when the plan was made; absent where it has none. */
  readonly window?: ClusterWindow;
  /** What is known of the cluster; absent of hosts that are of none. */
  readonly facts?: ClusterFacts;
  readonly order: PlanOrder;
  /** Those that some host comes to, in order. */
  readonly tasks: readonly TaskRef[];
  /** Each host's part. */
  readonly hosts: readonly HostPlan[];
}

/** What tells clusters apart when they are put in an order. */
export interface ClusterFacts {
  /** Of the certificates that a renewal makes anew, the one that ends first. */
  readonly expires?: { readonly host: string; readonly name: string; readonly ends: string };
  /** The minor version of its API servers, the lowest: `1.33`. */
  readonly kubernetes?: string;
  /** `3 masters, etcd stacked` */
  readonly topology?: string;
}

/** In which order a play goes through its hosts. */
export interface PlanOrder {
  /** `linear`, `planned`, `recovery`. */
  readonly name: string;
  /** Why, in a clause. */
  readonly reason: string;
  /** Hosts of one batch go side by side, batches one after another. */
  readonly batches: readonly (readonly string[])[];
}

/** What a play will do to one host. */
export interface HostPlan {
  readonly host: string;
  /** One short clause about the host: `kubeadm v1.33.13 · containerd · stacked etcd`. */
  readonly about?: string;
  /** What each task of the play does to it, in the order in which they are planned. */
  readonly tasks: readonly PlannedTask[];
}

/** What a task will do to a host. */
export type PlannedTask = PlannedNone | PlannedChange | PlannedCheck | PlannedUnknown | PlannedRefusal | PlannedSkip;

/** What a task will do to a host, without which task it is. */
export type ShownTaskPlan = PlannedTask extends infer Plan
  ? Plan extends unknown
    ? Omit<Plan, keyof Planned>
    : never
  : never;

interface Planned {
  /** The task's path: `tasks.3`. */
  readonly path: string;
  /** Why only the run decides whether the host comes to it: `only if 'Reload' changes something`. */
  readonly condition?: string;
  /** Whether contents of files are shown as diffs, where the task says so itself. */
  readonly diff?: boolean;
}

/** Nothing has to change. */
export interface PlannedNone extends Planned {
  readonly action: 'none';
  /** Why, in a clause. */
  readonly reason: string;
  /** The task is only planned (`check_mode`): what it would change. */
  readonly would?: readonly Change[];
}

/** Something will change. */
export interface PlannedChange extends Planned {
  readonly action: 'change';
  /** What, at least one. */
  readonly changes: readonly [Change, ...Change[]];
}

/** Nothing is written: something is waited for, and proven. */
export interface PlannedCheck extends Planned {
  readonly action: 'check';
  /** What. */
  readonly expectation: string;
}

/** Only the run will tell. */
export interface PlannedUnknown extends Planned {
  readonly action: 'unknown';
  /** The name of the task after which it is known. */
  readonly until: string;
}

/** It will not be done. */
export interface PlannedRefusal extends Planned {
  readonly action: 'refuse';
  /** What `kplay explain` calls it. */
  readonly code: ProblemCode;
  /** Why, in a clause. */
  readonly reason: string;
  /** What to do, one line. */
  readonly remedy: string;
  readonly details?: readonly Evidence[];
  /** The task fails, and that is known beforehand: the host counts as failed, not as refused. */
  readonly isFailure?: true;
}

/** The host passes it by: because of `when`, or of tags. */
export interface PlannedSkip extends Planned {
  readonly action: 'skip';
  /** Why, in a clause. */
  readonly reason: string;
}

/** How many hosts a plan means what for, and how many changes it is sure to make. */
export interface PlanTotals {
  /** Hosts that will be changed. */
  readonly change: number;
  /** Hosts of which only the run tells whether they will be. */
  readonly mayChange: number;
  readonly unchanged: number;
  /** Hosts that are refused, or of which it is known beforehand that a task fails. */
  readonly refused: number;
  /** Changes to all hosts; looks are none, and neither is what only the run decides. */
  readonly changes: number;
}
