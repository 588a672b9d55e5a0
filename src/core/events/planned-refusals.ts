import type { HostRefusedEvent } from './host.ts';
import type { PlannedRefusal, PlannedTask, PlayPlan } from './plan.ts';
import type { WarningEvent } from './run.ts';

/**
 * The refusals in a plan, for output that does not show the plan itself. A task that is known to fail is reported as a
 * warning: its host counts as failed, not as refused.
 */
export function plannedRefusals(plan: PlayPlan): readonly (HostRefusedEvent | WarningEvent)[] {
  return firstRefusedTasks(plan).map(({ host, task, ref }) => {
    const { path, code, reason, remedy, details = [], isFailure } = task;
    const message = `'${ref?.name ?? path}': ${reason}`;
    return isFailure
      ? { type: 'warning', hosts: [host], message: `${message}: it fails`, remedy, code }
      : { type: 'host-refused', host, code, reason: message, details, remedy };
  });
}

/** The first task of each host that is certain to be refused or to fail; those after it depend on it. */
export function firstRefusedTasks({ hosts, tasks: all }: PlayPlan) {
  return hosts.flatMap(({ host, tasks }) => {
    const task = certainRefusal(tasks);
    return task ? [{ host, task, ref: all.find(({ path }) => path === task.path) }] : [];
  });
}

/** The first of a host's tasks that is certain to be refused or to fail: such a host takes no part. */
export function certainRefusal(tasks: readonly PlannedTask[]): PlannedRefusal | undefined {
  return tasks.find((task): task is PlannedRefusal => task.action === 'refuse' && task.condition === undefined);
}

/** Why the first host that a plan does not start on is refused, in a clause: `prod-m1: 'Copy it': there is no such file`. */
export function firstRefusal(plan: PlayPlan): string | undefined {
  const [first] = plannedRefusals(plan);
  if (!first) return undefined;
  return first.type === 'host-refused'
    ? `${first.host}: ${first.reason}`
    : `${first.hosts.join(', ')}: ${first.message}`;
}
