import type { HostRefusedEvent } from './host.ts';
import type { PlayPlan } from './plan.ts';
import type { WarningEvent } from './run.ts';

/**
 * What a plan says of hosts that it begins nothing on, as it is told where the plan itself is not shown. A task that is known to fail is a
 * warning: its host counts as failed.
 */
export function plannedRefusals({ hosts, tasks: all }: PlayPlan): readonly (HostRefusedEvent | WarningEvent)[] {
  return hosts.flatMap(({ host, tasks }) => {
    const first = tasks.find(({ action, condition }) => action === 'refuse' && condition === undefined);
    if (first?.action !== 'refuse') return [];
    const { path, code, reason, remedy, details = [], isFailure } = first;
    const said = `'${all.find((task) => task.path === path)?.name ?? path}': ${reason}`;
    return [
      isFailure
        ? ({ type: 'warning', hosts: [host], message: `${said}: it fails`, remedy, code } as const)
        : ({ type: 'host-refused', host, code, reason: said, details, remedy } as const),
    ];
  });
}

/** Why the first host is that a plan begins nothing on, in a clause: `prod-m1: 'Copy it': there is no such file`. */
export function firstRefusal(plan: PlayPlan): string | undefined {
  const [first] = plannedRefusals(plan);
  if (!first) return undefined;
  return first.type === 'host-refused'
    ? `${first.host}: ${first.reason}`
    : `${first.hosts.join(', ')}: ${first.message}`;
}
