import { type Diagnostic, Problems } from '../../core/diagnostic.ts';
import type { TaskPlan } from '../../core/plan.ts';
import { Unknown, UnknownValueError, type World } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask, Conditional, EachNode } from '../program/compiled.ts';
import { holds } from '../program/conditions.ts';
import { firstProblem, type Inclusion, inclusionsOf } from '../program/inclusions.ts';
import { reportError } from '../program/no-log.ts';
import { withAnySet } from '../program/open-variables.ts';
import { mayIncludeAny, namesSetBy, tasksIn } from '../program/play-tasks.ts';
import type { Doubt, NotifiedNames, Verdict } from '../walk/request.ts';
import { doubted, type HostTaskPlan, nothing } from './host-task-plan.ts';
import { errorsAfter, lookAhead, lookAheadOfWhen } from './look-ahead.ts';
import { placeOf } from './place-of.ts';
import { type PlannerInput, planTask, wrongInput } from './plan-task.ts';
import { possibleEffect } from './possible-effect.ts';
import { notifiedOf, verdictOf } from './predicted-verdict.ts';
import { stateAfter } from './state-after.ts';
import { uncertainState } from './uncertain-state.ts';

/** The prediction for one node of a play on one host. */
export interface Predicted {
  readonly verdict: Verdict;
  /** The host as it will be. */
  readonly state: HostState;
  /** Its plan; absent if the plan shows nothing for it. */
  readonly planned?: HostTaskPlan;
  /** Whether it would change the world of the host. */
  readonly changesWorld?: boolean;
  /** The names that its templates notify. */
  readonly notifiedNames?: NotifiedNames;
  /** What an include includes. */
  readonly inclusions?: readonly Inclusion[];
  /** Problems have been reported. */
  readonly isWrong?: true;
}

/** The input of predictions, apart from node and host. */
export interface PredictionInput {
  readonly input: PlannerInput;
  /** Why it is uncertain that the host reaches the node; undefined if it is certain. */
  readonly doubt?: Doubt | undefined;
  /** Collects templates without a value. */
  readonly problems: Problems | undefined;
}

/** A prediction with its problems. A value that is wrong for several tasks, such as that of an option, is told for the first. */
export function reporting(given: PredictionInput, predict: (input: PredictionInput) => Predicted): Predicted {
  const { problems } = given;
  if (!problems) return predict(given);
  const own = new Problems();
  const predicted = predict({ ...given, problems: own });
  for (const problem of own.all) if (!problem.range || !problems.hasErrorAt(problem.range)) problems.addAll([problem]);
  return own.hasErrors ? { ...predicted, isWrong: true } : predicted;
}

/** Predicts a task. @param peers the worlds of the other hosts of the play */
export function predictTask(
  task: CompiledTask,
  state: HostState,
  peers: ReadonlyMap<string, World>,
  { input, doubt, problems }: PredictionInput,
): Predicted {
  const bare = planAhead(task, state, planTask(input, task, state, peers, problems), { input, problems });
  const isOpen = bare.plan.action === 'unknown' && bare.missing.length === 0 && bare.unreachable === undefined;
  const possible = isOpen ? possibleEffect(input, task, state, peers) : undefined;
  const planned = {
    ...bare,
    ...doubted(doubt),
    ...(possible && { missing: possible.missing }),
  };
  const own = stateAfter(task, planned, state);
  const after = possible ? { ...own, world: own.world.uncertain(possible.world, task.ref.name) } : own;
  return {
    verdict: verdictOf(task, planned),
    state: doubt ? uncertainState(state, after, task.ref.name) : after,
    planned,
    changesWorld: after.world !== state.world,
    ...(task.notifyTemplates.length > 0 && { notifiedNames: notifiedOf(planned) }),
  };
}

/** Refuses a task whose plan has no error, but which the run would certainly have to stop at. */
function planAhead(
  task: CompiledTask,
  state: HostState,
  planned: HostTaskPlan,
  { input, problems }: PredictionInput,
): HostTaskPlan {
  const { action } = planned.plan;
  if (action === 'skip' || action === 'refuse') return planned;
  if (problems && action !== 'none')
    for (const error of errorsAfter(input, task, state, planned.calls)) reportError(problems, task, error);
  const error = lookAhead(input, task, state, { isOpen: action === 'unknown' });
  if (!error) return planned;
  reportError(problems, task, error);
  return nothing(wrongInput(error));
}

/** Predicts the condition of an include or a `meta` action. */
export function predictWhen(node: Conditional, state: HostState, { input, problems }: PredictionInput): Predicted {
  const wrong = (error: TemplateError | undefined): Predicted => {
    if (error) problems?.error(error.message, error.range, error.hint);
    return { verdict: 'unknown', state };
  };
  try {
    return { verdict: holds(node, placeOf(input, state)) ? 'ok' : 'skipped', state };
  } catch (error) {
    if (error instanceof UnknownValueError) return wrong(lookAheadOfWhen(input, node, state));
    if (error instanceof TemplateError) return wrong(error);
    throw error;
  }
}

/** Predicts what a host includes. The include itself has a plan only if that is unknown or refused. */
export function predictEach(node: EachNode, state: HostState, predictionInput: PredictionInput): Predicted {
  const { input, problems } = predictionInput;
  // The host goes on, so that problems of later tasks are found, too.
  const goOn = (): Predicted => predictOpen(node, state, predictionInput, { until: node.task.ref.name, isAny: true });
  const wrong = (error: Diagnostic | TemplateError): Predicted => {
    if (!problems) return planEach(node, state, predictionInput, wrongInput(error));
    reportError(problems, node.task, error);
    return goOn();
  };
  try {
    const found = inclusionsOf(node, placeOf(input, state));
    const ahead = found.some(({ isOpen }) => isOpen) && lookAhead(input, node.task, state, { isOpen: true });
    if (ahead) throw ahead;
    const problem = firstProblem(found);
    for (const each of found.flatMap(({ part }) => part.problems)) {
      // What is wrong in an included file is none of the values that its include was given.
      if (each.severity === 'error' && each.range?.file === node.task.range.file)
        reportError(problems, node.task, each, whatIsNotIncluded(node));
      else problems?.addAll([each]);
    }
    if (problem) return problems ? goOn() : wrong(problem);
    return { verdict: 'ok', state, inclusions: found };
  } catch (caught) {
    const error =
      caught instanceof UnknownValueError ? (lookAhead(input, node.task, state, { isOpen: true }) ?? caught) : caught;
    if (error instanceof TemplateError) return wrong(error);
    if (!(error instanceof UnknownValueError)) throw error;
    return predictOpen(node, state, predictionInput, { until: error.until, isAny: node.parts.isOpen });
  }
}

function whatIsNotIncluded({ task: { step } }: EachNode): string {
  return `the ${step.name === 'include_role' ? 'role' : 'task file'} that it names cannot be included`;
}

/** Only the run can tell what is included: it may do anything, like a command. @param isAny it may be tasks that are not among its parts */
function predictOpen(
  node: EachNode,
  state: HostState,
  predictionInput: PredictionInput,
  { until, isAny }: { readonly until: string; readonly isAny: boolean },
): Predicted {
  const { name } = node.task.ref;
  const tasks = tasksIn(node.parts.nodes);
  const left = [
    ...(tasks.some(({ step }) => step.includesVariables)
      ? withAnySet(state.registered, 'included variables', name)
      : []),
    ...(isAny || mayIncludeAny(node.parts.nodes) ? withAnySet(state.registered, 'all variables', name) : []),
    ...tasks.flatMap(namesSetBy).map((one) => [one, new Unknown(name)] as const),
  ];
  const after: HostState = { ...state, registered: new Map([...state.registered, ...left]), isBehindCommand: true };
  return planEach(node, after, predictionInput, { action: 'unknown', until });
}

function planEach({ task }: EachNode, state: HostState, { doubt }: PredictionInput, plan: TaskPlan): Predicted {
  const planned = { ...nothing(plan), ...doubted(doubt) };
  return { verdict: verdictOf(task, planned), state, planned };
}
