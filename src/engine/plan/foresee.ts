import type { Problems } from '../../core/diagnostic.ts';
import type { TaskPlan } from '../../core/plan.ts';
import { Unknown, UnknownValueError, type World } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask, Conditional, EachNode } from '../program/compiled.ts';
import { firstProblem, type Inclusion, inclusionsOf } from '../program/inclusions.ts';
import { ANY_NAME, type HostPlace } from '../program/place.ts';
import { tasksIn } from '../program/play-tasks.ts';
import { holds } from '../program/task-input.ts';
import type { NotifiedWords, Verdict } from '../walk/request.ts';
import { type HostTaskPlan, nothing, type PlannerInput, planTask, wrongInput } from './plan-task.ts';
import { notifiedOf, unsure, verdictOf } from './prediction.ts';
import { stateAfter } from './state-after.ts';

/** What is predicted for one node of a play on one host. */
export interface Foreseen {
  readonly verdict: Verdict;
  /** The host as it will be. */
  readonly state: HostState;
  /** Its plan; absent where the plan shows nothing of it. */
  readonly planned?: HostTaskPlan;
  /** Whether it changes the world of the host, should the host reach it. */
  readonly changesWorld?: boolean;
  /** The handlers that its templates notify. */
  readonly words?: NotifiedWords;
  /** What an include includes. */
  readonly inclusions?: readonly Inclusion[];
}

/** What predictions depend on besides node and host. */
export interface Foresight {
  readonly input: PlannerInput;
  /** Why it is uncertain that the host reaches the node; undefined when it is certain. */
  readonly condition?: string | undefined;
  /** Gets the templates that have no value. */
  readonly problems: Problems | undefined;
}

/** Predicts a task. @param peers the worlds of the other hosts of the play */
export function foreseeTask(
  task: CompiledTask,
  state: HostState,
  peers: ReadonlyMap<string, World>,
  { input, condition, problems }: Foresight,
): Foreseen {
  const bare = planTask(input, task, state, peers, problems);
  const planned = condition === undefined ? bare : { ...bare, condition };
  const then = stateAfter(task, planned, state);
  return {
    verdict: verdictOf(task, planned),
    state: condition === undefined ? then : unsure(state, then, task.ref.name),
    planned,
    changesWorld: then.world !== state.world,
    ...(task.notifyTemplates.length > 0 && { words: notifiedOf(planned) }),
  };
}

/** Predicts the condition of an include or a `meta` action. */
export function foreseeWhen(node: Conditional, state: HostState, { input, problems }: Foresight): Foreseen {
  try {
    return { verdict: holds(node, placeOf(input, state)) ? 'ok' : 'skipped', state };
  } catch (error) {
    if (error instanceof UnknownValueError) return { verdict: 'unknown', state };
    if (!(error instanceof TemplateError)) throw error;
    problems?.error(error.message, error.range, error.hint);
    return { verdict: 'unknown', state };
  }
}

/** Predicts what a host includes. The include itself has a plan only where that is unknown, or is refused. */
export function foreseeEach(node: EachNode, state: HostState, foresight: Foresight): Foreseen {
  const { input, problems } = foresight;
  try {
    const found = inclusionsOf(node, placeOf(input, state));
    const wrong = firstProblem(found);
    for (const { message, range, hint } of found.flatMap(({ part }) => part.problems))
      problems?.error(message, range, hint);
    if (wrong) return planEach(node, state, foresight, wrongInput(wrong));
    return { verdict: 'ok', state, inclusions: found };
  } catch (error) {
    if (error instanceof TemplateError) {
      problems?.error(error.message, error.range, error.hint);
      return planEach(node, state, foresight, wrongInput(error));
    }
    if (!(error instanceof UnknownValueError)) throw error;
    const open = tasksIn(node.parts.nodes).flatMap(({ register }) => register ?? []);
    const left = [...open, ...(node.parts.isOpen ? [ANY_NAME] : [])].map(
      (name) => [name, new Unknown(node.task.ref.name)] as const,
    );
    // Only the run will tell what is included: it may do anything, as a command may.
    const then: HostState = { ...state, registered: new Map([...state.registered, ...left]), isBehindCommand: true };
    return planEach(node, then, foresight, { action: 'unknown', until: error.until });
  }
}

function planEach({ task }: EachNode, state: HostState, { condition }: Foresight, plan: TaskPlan): Foreseen {
  const planned = { ...nothing(plan), ...(condition !== undefined && { condition }) };
  return { verdict: verdictOf(task, planned), state, planned };
}

function placeOf({ play, surroundings, fleet }: PlannerInput, { compiled, registered }: HostState): HostPlace {
  return { play, host: compiled, registered, surroundings, fleet };
}
