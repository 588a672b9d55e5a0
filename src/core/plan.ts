import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { ProblemCode } from './problems/code.ts';
import type { World } from './world.ts';

/**
 * What a change does to its target; the plan's first column shows it as + ~ - ! > ?
 * `look` is a command with `changed_when: false`: it runs, and does not count as a change.
 */
export type ChangeKind = 'create' | 'update' | 'remove' | 'restart' | 'run' | 'look';

/** One thing that a run will do. Plain data that is shown, saved, journalled and compared: it never holds a secret. */
export interface Change {
  readonly kind: ChangeKind;
  /** What changes, in the user's words: a certificate as kubeadm names it, a path, a static pod. */
  readonly target: string;
  readonly before: Json;
  readonly after: Json;
  /** One short clause for people: `ends 2026-11-23 → 2027-11-24`, `10 leaf certificates moved aside`. */
  readonly summary?: string;
  /** Further short clauses, shown with -v. */
  readonly details?: readonly string[];
  /** Something stops serving for a moment. */
  readonly disruptive: boolean;
  /** The entry of its task's loop, where the task says how entries are shown (`loop_control.label`). */
  readonly item?: string;
  /** The stage of its step that makes this change, for steps that have stages. */
  readonly stage?: string;
}

/** When the certificate ends that `before` or `after` of a change describes, ISO 8601; undefined when it describes none. */
export function endOf(side: Json): string | undefined {
  return isJsonObject(side) && typeof side['ends'] === 'string' ? side['ends'] : undefined;
}

/** What a step will do to one host. The types demand a reason for `none`, a change for `change`, a remedy for `refuse`. */
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

/** Something that the user should know and that the plan does nothing about. */
export interface PlanWarning {
  readonly message: string;
  readonly remedy?: string;
}

interface Warned {
  readonly warnings?: readonly PlanWarning[];
}

interface Undoable extends Warned {
  /**
   * The steps that undo what later tasks of the play change on this host, in order. They run by themselves when one of these tasks fails,
   * and are what `kplay rollback` would do.
   */
  readonly undo?: readonly StepCall[];
}

/** Nothing has to change. */
export interface NonePlan extends Undoable {
  readonly action: 'none';
  /** Why nothing has to change, in a clause. */
  readonly reason: string;
  /** Variables that the host gets (`set_fact`). */
  readonly facts?: JsonObject;
  /** The text of a task that only shows one (`debug`). */
  readonly says?: string;
  /** What `register` gets. */
  readonly result?: Json;
  /** For the journal, as that of an outcome: of what is there already, and counts for this run too. */
  readonly evidence?: JsonObject;
  /** The world after the task, where the step adds knowledge to it. */
  readonly after?: World;
  /** What a task in check mode would change. */
  readonly would?: readonly Change[];
}

/** Something has to change. */
export interface ChangePlan extends Undoable {
  readonly action: 'change';
  readonly changes: readonly [Change, ...Change[]];
  /** The world as it will be: what the next task plans against. */
  readonly after: World;
  /** What `register` gets, where that is known beforehand. */
  readonly result?: Json;
  /** What `register` gets in check mode, and whether the task then counts as skipped; absent: `result`, and changed. */
  readonly inCheckMode?: { readonly result: JsonObject; readonly isSkipped: boolean };
}

/** Nothing is written: the step waits for a state of the host, or proves it, and fails when it does not come. */
export interface CheckPlan extends Warned {
  readonly action: 'check';
  /** The state, in a clause: `every port serves the certificate on disk`. */
  readonly expectation: string;
  readonly after?: World;
  readonly result?: Json;
}

/** The step will not be carried out, and the host takes no part in the play. */
export interface RefusePlan {
  readonly action: 'refuse';
  /** The name under which `kplay explain` and docs/troubleshooting.md explain it. */
  readonly code: ProblemCode;
  readonly reason: string;
  readonly remedy: string;
  /** Evidence, as label and text: `prod-m3` / `SHA256 77c0…4d`. */
  readonly details?: readonly (readonly [label: string, text: string])[];
  /** The hosts with which the same command would not be refused: those of the play, and those that it lacks. */
  readonly together?: readonly string[];
  /** Not a refusal but a failure that is known beforehand: the host counts as failed, unless `ignore_errors` or `failed_when` says otherwise. */
  readonly isFailure?: true;
}

/** What a task will do to one host: the plan of its step, or nothing because `when` or tags skip it. */
export type TaskPlan = StepPlan | SkipPlan;

/** The host skips the task. */
export interface SkipPlan {
  readonly action: 'skip';
  readonly reason: string;
  /** What `register` gets besides `skipped` and the reason. */
  readonly result?: JsonObject;
}
