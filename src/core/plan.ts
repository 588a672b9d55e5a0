import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { ProblemCode } from './problems/code.ts';
import type { World } from './world.ts';

/**
 * What a change does to its target; shown as + ~ - ! > ? in the plan's first column.
 * `look` is a command with `changed_when: false`: it runs, and does not count as a change.
 */
export type ChangeKind = 'create' | 'update' | 'remove' | 'restart' | 'run' | 'look';

/** One thing that a run will do. Plain data that is shown, saved, recorded and compared: it never contains a secret. */
export interface Change {
  readonly kind: ChangeKind;
  /** What changes, in the user's words: a certificate as kubeadm calls it, a path, a static pod. */
  readonly target: string;
  readonly before: Json;
  readonly after: Json;
  /** One short clause for people: `expires 2026-11-23 → 2027-11-24`, `10 leaf certificates moved aside`. */
  readonly summary?: string;
  /** Further short clauses, shown with -v. */
  readonly details?: readonly string[];
  /** Something stops serving for a moment. */
  readonly disruptive: boolean;
  /** The entry of its task's loop, if the task labels entries (`loop_control.label`). */
  readonly item?: string;
  /** The stage that makes this change, for steps with stages. */
  readonly stage?: string;
}

/** When the certificate described by `before` or `after` of a change expires, ISO 8601; undefined if it describes none. */
export function endOf(side: Json): string | undefined {
  return isJsonObject(side) && typeof side['ends'] === 'string' ? side['ends'] : undefined;
}

/** Whether the certificate described by `before` or `after` of a change can be used by nothing, whatever its dates. */
export function isUnusableIn(side: Json): boolean {
  return isJsonObject(side) && side['unusable'] === true;
}

/** What a step will do to one host. The types require a reason for `none`, a change for `change`, a remedy for `refuse`. */
export type StepPlan =
  | NonePlan
  | ChangePlan
  | CheckPlan
  | { readonly action: 'unknown'; readonly until: string }
  | RefusePlan;

/** A step with its parameters. */
export interface StepCall {
  readonly step: string;
  readonly params: JsonObject;
}

/** Something that the user should know and that the plan does not address. */
export interface PlanWarning {
  readonly message: string;
  readonly remedy?: string;
}

interface Warned {
  readonly warnings?: readonly PlanWarning[];
}

interface Undoable extends Warned {
  /**
   * The steps that undo what later tasks of the play change on this host, in order. They run automatically when one of these
   * tasks fails, and are what `kplay rollback` runs.
   */
  readonly undo?: readonly StepCall[];
  /** What did not exist in the state that the step restores, and stays all the same: certificates, as kubeadm calls them. */
  readonly stays?: readonly string[];
}

/** Nothing has to change. */
export interface NonePlan extends Undoable {
  readonly action: 'none';
  /** Why nothing has to change, in a clause. */
  readonly reason: string;
  /** Variables set on the host (`set_fact`). */
  readonly facts?: JsonObject;
  /** The output of a task that only shows a text (`debug`). */
  readonly says?: string;
  /** The value of `register`. */
  readonly result?: Json;
  /** Evidence for the journal, as in `Outcome`: of what already exists and counts for this run too. */
  readonly evidence?: JsonObject;
  /** The world after the task, if the step adds knowledge to it. */
  readonly after?: World;
  /** What a task in check mode would change. */
  readonly would?: readonly Change[];
  readonly inCheckMode?: InCheckMode;
}

/** Something has to change. */
export interface ChangePlan extends Undoable {
  readonly action: 'change';
  readonly changes: readonly [Change, ...Change[]];
  /** The predicted world, on which the next task is planned. */
  readonly after: World;
  /**
   * False: the host is in the middle of a change after it, which a later task of the play has to complete. True: that change is complete.
   * Absent: it neither begins nor completes one.
   */
  readonly isComplete?: boolean;
  /** The value of `register`, if it is known beforehand. */
  readonly result?: Json;
  /** Absent: `result`, and changed. */
  readonly inCheckMode?: InCheckMode;
}

/** The value of `register` in check mode, and whether the task then counts as skipped. */
interface InCheckMode {
  readonly result: JsonObject;
  readonly isSkipped: boolean;
}

/** Nothing is written: the step waits for a state of the host, or proves it, and fails if it is not reached. */
export interface CheckPlan extends Warned {
  readonly action: 'check';
  /** The state, in a clause: `every port serves the certificate on disk`. */
  readonly expectation: string;
  readonly after?: World;
  readonly result?: Json;
  /** The failure that is expected, which its task ignores or judges itself; the step is not asked then. */
  readonly failure?: RefusePlan;
  readonly inCheckMode?: InCheckMode;
}

/** The step will not be carried out, and the host takes no part in the play. */
export interface RefusePlan {
  readonly action: 'refuse';
  /** The code for `kplay explain` and docs/troubleshooting.md. */
  readonly code: ProblemCode;
  readonly reason: string;
  readonly remedy: string;
  /** Evidence, as label and text: `prod-m3` / `SHA256 77c0…4d`. */
  readonly details?: readonly (readonly [label: string, text: string])[];
  /** The hosts that the command would have to include in order not to be refused: those of the play, and the missing ones. */
  readonly together?: readonly string[];
  /**
   * A failure that is known beforehand, not a refusal: the host counts as failed, unless `ignore_errors` or `failed_when` says
   * otherwise.
   */
  readonly isFailure?: true;
  /** The value of `register` of such a failure, if it has more than the reason; its `msg` may be Ansible's. */
  readonly result?: JsonObject;
}

/** What a task will do to one host: the plan of its step, or a skip because of `when` or tags. */
export type TaskPlan = StepPlan | SkipPlan;

/** The host skips the task. */
export interface SkipPlan {
  readonly action: 'skip';
  readonly reason: string;
  /** The value of `register` besides `skipped` and the reason. */
  readonly result?: JsonObject;
}
