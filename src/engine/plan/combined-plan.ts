import { count } from '../../core/count.ts';
import type { Change, PlanWarning, StepPlan, TaskPlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { plannedOnly } from './check-mode.ts';

/** Combines the plans of a task's calls. Precedence: refusal, unknown, changes, checks. */
export function combine(calls: readonly { readonly plan: StepPlan }[], looped: boolean, world: World): TaskPlan {
  const [only] = calls;
  if (only && !looped) return only.plan;
  const plans = calls.map(({ plan }) => plan);
  const blocking = plans.find(({ action }) => action === 'refuse') ?? plans.find(({ action }) => action === 'unknown');
  if (blocking) return blocking;
  const [first, ...rest] = plans.flatMap((plan): readonly Change[] => (plan.action === 'change' ? plan.changes : []));
  const warnings = plans.flatMap((plan) => ('warnings' in plan ? (plan.warnings ?? []) : []));
  const warned = warnings.length > 0 && { warnings };
  if (first) {
    // A plan of changes has no other place for entries that fail.
    const all = [...warnings, ...plans.flatMap(expectedFailure)];
    return { action: 'change', changes: [first, ...rest], after: world, ...(all.length > 0 && { warnings: all }) };
  }
  const would = plans.flatMap((plan) => (plan.action === 'none' ? (plan.would ?? []) : []));
  const check = plans.find(({ action }) => action === 'check');
  const plan = check ?? (would.length > 0 ? plannedOnly(would) : { action: 'none', reason: reasonFor(plans) });
  return { ...plan, ...warned };
}

function expectedFailure(plan: StepPlan): readonly PlanWarning[] {
  return plan.action === 'check' && plan.failure ? [{ message: plan.expectation }] : [];
}

function reasonFor(plans: readonly StepPlan[]): string {
  const says = plans.flatMap((plan) => (plan.action === 'none' ? (plan.says ?? []) : []));
  return says.length > 0 ? says.join('; ') : `nothing to do for ${count(plans.length, 'entry', 'entries')}`;
}
