import type { Change, ChangePlan, StepPlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { entryName, type TaskCall } from '../program/task-input.ts';

/**
 * Applies the keywords of a task to the plan of a call: `ignore_errors`, `failed_when`, `changed_when`, the label of a loop,
 * `delegate_to`.
 * @param plan the step's own plan
 * @param world the world of the planned host before the call
 */
export function adjustPlan(task: CompiledTask, call: TaskCall, plan: StepPlan, world: World): StepPlan {
  const own = withEntryName(call, asLook(task, deferToRun(task, call, plan)));
  return call.actor === undefined ? own : delegated(own, call.actor, world);
}

/** Defers a predictable failure to the run if the task ignores errors or defines failure itself. */
export function deferToRun({ failedWhen }: CompiledTask, { ignoresErrors }: TaskCall, plan: StepPlan): StepPlan {
  const isOpen = plan.action === 'refuse' && plan.isFailure && (ignoresErrors || failedWhen !== undefined);
  if (!isOpen) return plan;
  const verdict = failedWhen ? 'fails, unless failed_when says otherwise' : 'fails, which is ignored';
  return { action: 'check', expectation: `${verdict}: ${plan.reason}`, failure: plan };
}

/** With `changed_when: false` a command is shown and counted as a look. */
function asLook({ isLook }: CompiledTask, plan: StepPlan): StepPlan {
  if (plan.action !== 'change' || !isLook) return plan;
  return withChanges(plan, (change) => ({ ...change, kind: 'look', disruptive: false }));
}

/** Adds the name of the loop's entry. */
function withEntryName(call: TaskCall, plan: StepPlan): StepPlan {
  const entry = entryName(call);
  if (plan.action === 'refuse') return entry === undefined ? plan : { ...plan, reason: `${entry}: ${plan.reason}` };
  if (plan.action === 'check' && plan.failure && entry !== undefined)
    return { ...plan, expectation: `${entry}: ${plan.expectation}` };
  const { label } = call;
  if (plan.action !== 'change' || label === undefined) return plan;
  return withChanges(plan, (change) => ({ ...change, item: label }));
}

/** Adds the name of the host that carries it out; the world of the planned host stays as it is. */
function delegated(plan: StepPlan, actor: string, world: World): StepPlan {
  if (plan.action !== 'change') return 'after' in plan ? { ...plan, after: world } : plan;
  const delegatedPlan = withChanges(plan, (change) => ({ ...change, target: `${change.target} (on ${actor})` }));
  return { ...delegatedPlan, after: world };
}

function withChanges(plan: ChangePlan, of: (change: Change) => Change): ChangePlan {
  const [first, ...rest] = plan.changes;
  return { ...plan, changes: [of(first), ...rest.map(of)] };
}
