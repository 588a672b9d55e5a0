import { World } from '../core/world.ts';
import type { HostRun } from './host-run.ts';
import { type LookTools, lookFor } from './observe.ts';
import { type PlannedCall, questionsOf } from './planner.ts';
import type { CompiledTask } from './program/compiled.ts';

/** Asks for everything that these calls read, whatever was known of it, but for what is `kept`. */
export async function lookAgain(
  host: HostRun,
  task: CompiledTask,
  calls: readonly PlannedCall[],
  peers: ReadonlyMap<string, World>,
  tools: LookTools,
  kept = World.empty,
): Promise<void> {
  const needs = (known: World) =>
    calls.flatMap(({ params }) => questionsOf(task, params, known, host.state.info, peers));
  host.state = await lookFor(host.sessions, host.state, needs, tools, kept);
}
