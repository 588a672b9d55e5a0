import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { ProblemCode } from './problems/code.ts';
import type { World } from './world.ts';

/**
 * What a change does to its target, as the plan's first column shows it: + ~ - ! > ?
 * `look` is a command of which its author says that it changes nothing; it does not count as a change.
 */
export type ChangeKind = 'create' | 'update' | 'remove' | 'restart' | 'run' | 'look';

/** One thing that apply will do. Plain data: it is shown, saved, journalled and compared, and so never holds a secret. */
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

/** When the certificate that a side of a change describes ends; undefined when it describes none. */
export function endOf(side: Json): string | undefined {
  return isJsonObject(side) && typeof side['ends'] === 'string' ? side['ends'] : undefined;
}

/** What a step will do to one host. `none` needs a reason, `change` a change, `refuse` a remedy: by type. */
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

/** Something that the user should know, though the plan does nothing about it. */
export interface PlanWarning {
  readonly message: string;
  readonly remedy?: string;
}

interface Warned {
  readonly warnings?: readonly PlanWarning[];
}

interface Undoable extends Warned {
  /**
   * What takes back the changes that later tasks of the play make to this host, in order: run by itself when one of them
   * fails, and offered to `kplay rollback`.
   */
  readonly undo?: readonly StepCall[];
}

export interface NonePlan extends Undoable {
  readonly action: 'none';
  readonly reason: string;
  /** Variables that the host has from here on. */
  readonly facts?: JsonObject;
  /** What the task is there to show, on every host. */
  readonly says?: string;
  /** What `register` gets. */
  readonly result?: Json;
  /** The world after the task, when the step adds knowledge to it. */
  readonly after?: World;
  /** What the task, which is only planned (`check_mode`), would change. */
  readonly would?: readonly Change[];
}

export interface ChangePlan extends Undoable {
  readonly action: 'change';
  readonly changes: readonly [Change, ...Change[]];
  /** The world as it will be: what the next task plans against. */
  readonly after: World;
  /** What `register` gets, where it is known beforehand. */
  readonly result?: Json;
  /** What `register` gets where the task is only planned (`check_mode`), and that it counts as skipped; absent: as planned. */
  readonly inCheckMode?: { readonly result: JsonObject; readonly isSkipped: boolean };
}

/** Nothing is written: the step waits for, or proves, a state of the host and fails if it does not come. */
export interface CheckPlan extends Warned {
  readonly action: 'check';
  readonly expectation: string;
  readonly after?: World;
  readonly result?: Json;
}

export interface RefusePlan {
  readonly action: 'refuse';
  /** What it is called in `kplay explain` and docs/troubleshooting.md. */
  readonly code: ProblemCode;
  readonly reason: string;
  readonly remedy: string;
  /** Evidence, as label and text: `prod-m3` / `SHA256 77c0…4d`. */
  readonly details?: readonly (readonly [label: string, text: string])[];
  /** Hosts that the same command, given with them, would do it for: those of the play and those that it lacks. */
  readonly together?: readonly string[];
  /** The task fails, and it is known beforehand: the host counts as failed, and `ignore_errors` and `failed_when` decide. */
  readonly isFailure?: true;
}

/** What a task will do to one host: its step's plan, or skipped because of `when` or tags. */
export type TaskPlan = StepPlan | SkipPlan;

export interface SkipPlan {
  readonly action: 'skip';
  readonly reason: string;
  /** What `register` gets besides that it was skipped. */
  readonly result?: JsonObject;
}
