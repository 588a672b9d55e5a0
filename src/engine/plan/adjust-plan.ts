import type { Change, ChangePlan, StepPlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { entryName, type TaskCall } from '../program/task-input.ts';

/**
 * The plan of a call as its task's keywords change it: `ignore_errors` and `failed_when`, `changed_when`, the label of a loop,
 * `delegate_to`.
 * @param plan the step's own
 * @param world that of the planned host before the call
 */
export function adjustPlan(task: CompiledTask, call: TaskCall, plan: StepPlan, world: World): StepPlan {
  const own = named(call, asLook(task, leftToRun(task, plan)));
  return call.actor === undefined ? own : elsewhere(own, call.actor, world);
}

/** Leaves a failure that is known beforehand to the run, where the task itself says what counts as a failure or ignores it. */
export function leftToRun({ ignoreErrors, failedWhen }: CompiledTask, plan: StepPlan): StepPlan {
  const isOpen = plan.action === 'refuse' && plan.isFailure && (ignoreErrors || failedWhen !== undefined);
  return isOpen ? { action: 'check', expectation: plan.reason } : plan;
}

/** With `changed_when: false` a command is shown, and counted, as a look. */
function asLook({ changesNothing }: CompiledTask, plan: StepPlan): StepPlan {
  if (plan.action !== 'change' || !changesNothing) return plan;
  return withChanges(plan, (change) => ({ ...change, kind: 'look', disruptive: false }));
}

/** Names the entry of the loop. */
function named(call: TaskCall, plan: StepPlan): StepPlan {
  const entry = entryName(call);
  if (plan.action === 'refuse') return entry === undefined ? plan : { ...plan, reason: `${entry}: ${plan.reason}` };
  const { label } = call;
  if (plan.action !== 'change' || label === undefined) return plan;
  return withChanges(plan, (change) => ({ ...change, item: label }));
}

/** Names the host that carries it out, and leaves the world of the planned host as it is. */
function elsewhere(plan: StepPlan, actor: string, world: World): StepPlan {
  if (plan.action !== 'change') return 'after' in plan ? { ...plan, after: world } : plan;
  const there = withChanges(plan, (change) => ({ ...change, target: `${change.target} (on ${actor})` }));
  return { ...there, after: world };
}

function withChanges(plan: ChangePlan, of: (change: Change) => Change): ChangePlan {
  const [first, ...rest] = plan.changes;
  return { ...plan, changes: [of(first), ...rest.map(of)] };
}
