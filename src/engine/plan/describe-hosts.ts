import type { Step } from '../../core/step.ts';
import { UnknownValueError } from '../../core/world.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledPlay } from '../program/compiled.ts';
import { tasksOf } from '../program/play-tasks.ts';
import type { PlannedCall, PlansByHost } from './host-task-plan.ts';

/** One clause about each host, from the first task whose step provides one (`describeHost`). */
export function describeHosts(
  play: CompiledPlay,
  plans: PlansByHost,
  states: ReadonlyMap<string, HostState>,
): ReadonlyMap<string, string> {
  const tasks = tasksOf(play);
  const about = new Map<string, string>();
  for (const [name, planned] of plans) {
    if (states.get(name)?.unreachable !== undefined) {
      about.set(name, 'cannot be reached');
      continue;
    }
    for (const { ref, step, noLog } of tasks) {
      const call = planned.get(ref.path)?.calls[0];
      if (!call || noLog) continue;
      const text = describe(step, call);
      if (text === undefined) continue;
      about.set(name, text);
      break;
    }
  }
  return about;
}

/** Undefined if it depends on a value that only the run can tell. */
function describe(step: Step, { params, world }: PlannedCall): string | undefined {
  try {
    return step.describeHost?.(params, world);
  } catch (error) {
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}
