import type { HostRefusedEvent } from './host.ts';
import type { PlayPlan } from './plan.ts';
import type { WarningEvent } from './run.ts';

/**
 * The refusals in a plan, for output that does not show the plan itself. A task that is known to fail is reported as a
 * warning: its host counts as failed, not as refused.
 */
export function plannedRefusals({ hosts, tasks: all }: PlayPlan): readonly (HostRefusedEvent | WarningEvent)[] {
  return hosts.flatMap(({ host, tasks }) => {
    const first = tasks.find(({ action, condition }) => action === 'refuse' && condition === undefined);
    if (first?.action !== 'refuse') return [];
    const { path, code, reason, remedy, details = [], isFailure } = first;
    const message = `'${all.find((task) => task.path === path)?.name ?? path}': ${reason}`;
    return [
      isFailure
        ? ({ type: 'warning', hosts: [host], message: `${message}: it fails`, remedy, code } as const)
        : ({ type: 'host-refused', host, code, reason: message, details, remedy } as const),
    ];
  });
}

/** Why the first host that a plan does not start on is refused, in a clause: `prod-m1: 'Copy it': there is no such file`. */
export function firstRefusal(plan: PlayPlan): string | undefined {
  const [first] = plannedRefusals(plan);
  if (!first) return undefined;
  return first.type === 'host-refused'
    ? `${first.host}: ${first.reason}`
    : `${first.hosts.join(', ')}: ${first.message}`;
}
