import { alters, changesOf } from '../plan/changes.ts';
import type { HostTaskPlans } from '../plan/host-task-plan.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { mayEverWrite } from '../program/play-tasks.ts';

/**
 * Whether anything may be changed on a host: asked for windows, locks, and checks before a change. An unknown plan may become a
 * change, unless its task never changes anything.
 */
export function mayWrite(tasks: readonly CompiledTask[], plans: HostTaskPlans | undefined): boolean {
  return tasks.some((task) => {
    const planned = plans?.get(task.ref.path);
    if (!planned) return false;
    const { plan, unless } = planned;
    return plan.action === 'unknown' || unless !== undefined ? mayEverWrite(task) : changesOf(plan).some(alters);
  });
}

/** The hosts of those batches in which anything may be changed. @param takesPart which hosts still do */
export function hostsToWrite(
  batches: readonly (readonly string[])[],
  tasks: readonly CompiledTask[],
  plans: ReadonlyMap<string, HostTaskPlans>,
  takesPart: (host: string) => boolean,
): readonly string[] {
  return batches
    .map((batch) => batch.filter(takesPart))
    .filter((batch) => batch.some((name) => mayWrite(tasks, plans.get(name))))
    .flat();
}

/**
 * Whether anything is to be done on a host, or may be, also if that only looks: asked for batches, and for observing again. What
 * only the run decides, such as a handler, may be to be done.
 */
export function mayAct(tasks: readonly CompiledTask[], plans: HostTaskPlans | undefined): boolean {
  const isCertain = [...(plans?.values() ?? [])].some(
    ({ plan, condition }) => condition === undefined && plan.action !== 'none' && plan.action !== 'skip',
  );
  return isCertain || mayWrite(tasks, plans);
}
