import type { CompiledTask } from '../program/compiled.ts';
import type { HostTaskPlans, PlansByHost } from './host-task-plan.ts';

/** Hosts that the plan expects to lose at a task because they are unreachable. */
export function unreachableIn(plans: PlansByHost, tasks: readonly CompiledTask[]): readonly string[] {
  const isFinal = (own: HostTaskPlans): boolean =>
    tasks.some(({ ref, ignoreUnreachable }) => {
      const planned = own.get(ref.path);
      return planned?.unreachable !== undefined && planned.condition === undefined && !ignoreUnreachable;
    });
  return [...plans].flatMap(([name, own]) => (isFinal(own) ? [name] : []));
}
