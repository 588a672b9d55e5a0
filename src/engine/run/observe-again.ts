import type { Step } from '../../core/step.ts';
import { World } from '../../core/world.ts';
import { type ObserveTools, observeNeeds } from '../hosts/observe.ts';
import type { HostTaskPlan, PlannedCall } from '../plan/host-task-plan.ts';
import { questionsOf } from '../plan/plan-task.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { ActingHosts } from './acting-hosts.ts';
import type { HostRun } from './host-run.ts';

/** Whether what a step reads may have been changed since it was observed. */
export function isOutdated(host: HostRun, step: Step, acting: ActingHosts): boolean {
  if (host.isOutdated || (step.distrustsCommands && host.hasRunCommand)) return true;
  return step.needsFreshFacts === true && acting.mayHaveChanged;
}

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

/**
 * Plans a task. What it needs may depend on the result of an earlier task, so some facts may never have been read. Others an earlier
 * task may have made uncertain. And what makes it fail may be gone: a command that is said to change nothing, or one of another
 * host, may have seen to it.
 */
export async function planOnFacts(
  host: HostRun,
  task: CompiledTask,
  plan: (world: World) => HostTaskPlan,
  peers: ReadonlyMap<string, World>,
  tools: ObserveTools,
): Promise<HostTaskPlan> {
  const { become } = task;
  let planned = plan(host.state.world);
  if (planned.missing.length > 0) {
    const needs = (known: World) => plan(known).missing.map(({ ref }) => ({ ref, become }));
    host.state = await observeNeeds(host.sessions, host.state, needs, tools, host.state.world);
    planned = plan(host.state.world);
  }
  if (!planned.calls.some(isOpen)) return planned;
  await observeAgain(host, { task, calls: planned.calls }, peers, tools);
  return plan(host.state.world);
}

function isOpen({ plan }: PlannedCall): boolean {
  return (
    plan.action === 'unknown' ||
    (plan.action === 'refuse' && plan.isFailure === true) ||
    (plan.action === 'check' && plan.failure !== undefined)
  );
}

function isOwn({ actor }: PlannedCall): boolean {
  return actor === undefined;
}
