import { canonicalJson } from '../../core/json.ts';
import type { Change, TaskPlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';

/** The kind and target of a change, without its values: `update hostname`. Identifies a change within a plan. */
export function nameOf({ kind, target }: Change): string {
  return `${kind} ${target}`;
}

/** Whether it changes something; looks do not. */
export function alters({ kind }: Change): boolean {
  return kind !== 'look';
}

/** Whether a task in check mode counts as changed: it would change something. */
export function wouldChange(plan: Pick<TaskPlan, 'action'> & { readonly would?: readonly Change[] }): boolean {
  return plan.action === 'none' && (plan.would ?? []).some(alters);
}

/** The changes of a plan; empty unless its action is `change`. */
export function changesOf(
  plan: Pick<TaskPlan, 'action'> & { readonly changes?: readonly Change[] },
): readonly Change[] {
  return plan.action === 'change' ? (plan.changes ?? []) : [];
}

/** The predicted world, if a plan tells more than is known before it. */
export function worldAfter(plan: TaskPlan): World | undefined {
  return 'after' in plan ? plan.after : undefined;
}

/** The kind and target of a change with the resulting value: what a shown plan binds the run to. */
export function outcomeOf(change: Change): string {
  return `${nameOf(change)} ${canonicalJson(change.after)}`;
}

/** The changes whose outcomes (`outcomeOf`) are not admitted. */
export function unshown(changes: readonly Change[], admitted: Iterable<string>): readonly Change[] {
  const known = new Set(admitted);
  return changes.filter((change) => !known.has(outcomeOf(change)));
}

/** The changes whose names (`nameOf`) are not admitted. */
export function beyond(changes: readonly Change[], admitted: Iterable<string>): readonly Change[] {
  const known = new Set(admitted);
  return changes.filter((change) => !known.has(nameOf(change)));
}

/** As a clause: the change itself, or the number of changes. */
export function summaryOf(changes: readonly Change[]): string {
  const [first] = changes;
  if (!first) return 'done';
  if (changes.length > 1) return `${changes.length} changes`;
  // The word for a look is one of plans: `look cat file`.
  return first.summary ?? (alters(first) ? nameOf(first) : first.target);
}
