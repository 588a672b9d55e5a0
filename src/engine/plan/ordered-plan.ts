import type { Order } from '../../core/strategy.ts';
import type { World } from '../../core/world.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { tasksOf } from '../program/play-tasks.ts';
import { changesOf } from './changes.ts';
import type { PlansByHost } from './host-task-plan.ts';
import type { PlayPlanning } from './plan-driver.ts';
import { planPlay } from './plan-play.ts';
import type { PlannerInput } from './plan-task.ts';
import { isRefused, refusedBy } from './refusals.ts';
import { unfinishedChange } from './unfinished-change.ts';

/**
 * Plans a play in its order and applies the consequences of refusals: a refused host stays as it is and does nothing for the
 * others; a batch that the strategy's gate would then refuse is refused in the plan already; and what would follow a lost batch
 * is not planned.
 */
export function planInOrder(input: PlannerInput, order: Order, states: ReadonlyMap<string, HostState>): PlayPlanning {
  const { batches, endsBehindLostBatch = false } = order;
  const tasks = tasksOf(input.play);
  let planning = planPlay(input, states, { batches, endsBehindLostBatch });
  // Refusals are final only once all facts are known: what has to be read of a refused host is shown, too.
  for (let known = 0; planning.missing.size + planning.absent.size === 0; ) {
    const refused = refusedHosts(order, planning.plans, states, tasks);
    if (refused.size === known) break;
    known = refused.size;
    planning = planPlay(input, states, { refused, batches, endsBehindLostBatch });
  }
  return planning;
}

function refusedHosts(
  order: Order,
  plans: PlansByHost,
  states: ReadonlyMap<string, HostState>,
  tasks: readonly CompiledTask[],
): PlansByHost {
  const refused = new Map([...plans].filter(([, own]) => isRefused(own)));
  for (const [name, own] of plans) {
    const refusal = refused.has(name) ? undefined : unfinishedChange(own, tasks);
    if (refusal) refused.set(name, refusedBy(refusal, own));
  }
  for (const batch of order.batches) {
    const participating = batch.filter((name) => plans.has(name) && !refused.has(name));
    if (!disrupts(participating, plans)) continue;
    const remaining = [...states].filter(([name]) => participating.includes(name) || refused.has(name));
    const refusal = order.gate?.(participating, worldsOf(remaining));
    if (!refusal) continue;
    for (const name of participating) {
      const own = refusedBy(refusal, plans.get(name) ?? new Map());
      // A host without work is only observed.
      if (isRefused(own)) refused.set(name, own);
    }
  }
  return refused;
}

/** Whether something on these hosts will be restarted, so that the strategy has to be asked. */
export function disrupts(batch: readonly string[], plans: PlansByHost): boolean {
  return batch.some((name) =>
    [...(plans.get(name)?.values() ?? [])].some(({ plan }) => changesOf(plan).some(({ disruptive }) => disruptive)),
  );
}

/** The worlds of hosts, for a strategy. */
export function worldsOf(hosts: Iterable<readonly [string, { readonly world: World }]>): ReadonlyMap<string, World> {
  return new Map([...hosts].map(([name, { world }]) => [name, world]));
}
