import { World } from '../../core/world.ts';
import { type LookTools, lookFor } from '../hosts/observe.ts';
import { type HostTaskPlan, type PlannedCall, questionsOf } from '../plan/plan-task.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { HostRun } from './host-run.ts';

/** Asks for everything that these calls of a task read, whatever was known of it, but for what is `kept`. */
export async function lookAgain(
  host: HostRun,
  { task, calls }: { readonly task: CompiledTask; readonly calls: readonly PlannedCall[] },
  peers: ReadonlyMap<string, World>,
  tools: LookTools,
  kept = World.empty,
): Promise<void> {
  const needs = (known: World) =>
    calls.filter(isOwn).flatMap(({ params }) => questionsOf(task, params, known, host.state.info, peers));
  host.state = await lookFor(host.sessions, host.state, needs, tools, kept);
}

/** Plans a task. What it needs may depend on what one before it has told: then the host was never asked for it. */
export async function planOnFacts(
  host: HostRun,
  { become }: CompiledTask,
  plan: (world: World) => HostTaskPlan,
  tools: LookTools,
): Promise<HostTaskPlan> {
  const planned = plan(host.state.world);
  if (planned.missing.length === 0) return planned;
  const needs = (known: World) => plan(known).missing.map(({ ref }) => ({ ref, become }));
  host.state = await lookFor(host.sessions, host.state, needs, tools, host.state.world);
  return plan(host.state.world);
}

function isOwn({ actor }: PlannedCall): boolean {
  return actor === undefined;
}
