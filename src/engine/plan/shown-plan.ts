import type { HostPlan, PlayPlan } from '../../core/events/plan.ts';
import type { CompiledPlay } from '../program/compiled.ts';
import { visiblePlan } from '../program/no-log.ts';
import { mayEverWrite, tasksOf } from '../program/play-tasks.ts';
import type { PlannedCall, PlansByHost } from './host-task-plan.ts';

/** The plan as shown, saved and compared. Tasks that no host reaches, such as handlers that are not notified, are left out. */
export function shownPlan(
  play: CompiledPlay,
  order: PlayPlan['order'],
  plans: PlansByHost,
  about: ReadonlyMap<string, string>,
): PlayPlan {
  const all = tasksOf(play);
  const byPath = new Map(all.map((task) => [task.ref.path, task]));
  const hosts = [...plans].map(([host, own]): HostPlan => {
    const text = about.get(host);
    return {
      host,
      ...(text !== undefined && { about: text }),
      // In the order in which the host reaches them, which may differ between hosts for entries of an include.
      tasks: [...own].flatMap(([path, { plan, condition, onlyAfterFailure, unless, calls }]) => {
        const task = byPath.get(path);
        if (!task) return [];
        const diff = showsContents(calls);
        return [
          {
            ...visiblePlan(task, plan),
            path,
            ...(plan.action === 'unknown' && !mayEverWrite(task) && { isLook: true as const }),
            ...(condition !== undefined && { condition }),
            ...(onlyAfterFailure && { onlyAfterFailure }),
            ...(unless !== undefined && { unless }),
            ...(diff !== undefined && { diff }),
          },
        ];
      }),
    };
  });
  const reached = new Set([...plans.values()].flatMap((own) => [...own.keys()]));
  const isShown = ({ path }: { readonly path: string }) => reached.has(path) || plans.size === 0;
  return { play: play.name, order, tasks: all.map(({ ref }) => ref).filter(isShown), hosts };
}

/** Whether the task itself decides that contents are shown: only if all of its changing entries say so. */
function showsContents(calls: readonly PlannedCall[]): boolean | undefined {
  const diffs = calls.flatMap(({ plan, diff }) => (plan.action === 'change' ? [diff] : []));
  if (diffs.includes(false)) return false;
  return diffs.includes(undefined) ? undefined : diffs[0];
}
