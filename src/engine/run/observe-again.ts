import { World } from '../../core/world.ts';
import { type ObserveTools, observeNeeds } from '../hosts/observe.ts';
import { type HostTaskPlan, type PlannedCall, questionsOf } from '../plan/plan-task.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { HostRun } from './host-run.ts';

/** Reads everything again that these calls of a task need, except for what is in `kept`. */
export async function observeAgain(
  host: HostRun,
  { task, calls }: { readonly task: CompiledTask; readonly calls: readonly PlannedCall[] },
  peers: ReadonlyMap<string, World>,
  tools: ObserveTools,
  kept = World.empty,
): Promise<void> {
  const needs = (known: World) =>
    calls.filter(isOwn).flatMap(({ params }) => questionsOf(task, params, known, host.state.info, peers));
  host.state = await observeNeeds(host.sessions, host.state, needs, tools, kept);
}

/** Plans a task. What it needs may depend on the result of an earlier task, so some facts may never have been read. */
export async function planOnFacts(
  host: HostRun,
  { become }: CompiledTask,
  plan: (world: World) => HostTaskPlan,
  tools: ObserveTools,
): Promise<HostTaskPlan> {
  const planned = plan(host.state.world);
  if (planned.missing.length === 0) return planned;
  const needs = (known: World) => plan(known).missing.map(({ ref }) => ({ ref, become }));
  host.state = await observeNeeds(host.sessions, host.state, needs, tools, host.state.world);
  return plan(host.state.world);
}

function isOwn({ actor }: PlannedCall): boolean {
  return actor === undefined;
}
