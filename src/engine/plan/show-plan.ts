import type { HostPlan, PlayPlan } from '../../core/events/plan.ts';
import type { CompiledPlay } from '../program/compiled.ts';
import { visiblePlan } from '../program/no-log.ts';
import type { PlannedPlay } from './plan-task.ts';

/** The plan as it is shown, saved and compared. Tasks to which no host comes, such as handlers that nobody notifies, are not in it. */
export function showPlan(
  play: CompiledPlay,
  order: PlayPlan['order'],
  plans: PlannedPlay,
  about: ReadonlyMap<string, string>,
): PlayPlan {
  const hosts = [...plans].map(([host, own]): HostPlan => {
    const text = about.get(host);
    return {
      host,
      ...(text !== undefined && { about: text }),
      tasks: play.tasks.flatMap((task) => {
        const { path } = task.ref;
        const planned = own.get(path);
        if (!planned) return [];
        const { plan, condition } = planned;
        return [{ ...visiblePlan(task, plan), path, ...(condition !== undefined && { condition }) }];
      }),
    };
  });
  const reached = new Set([...plans.values()].flatMap((own) => [...own.keys()]));
  const isShown = ({ path }: { readonly path: string }) => reached.has(path) || plans.size === 0;
  return { play: play.name, order, tasks: play.tasks.map(({ ref }) => ref).filter(isShown), hosts };
}
