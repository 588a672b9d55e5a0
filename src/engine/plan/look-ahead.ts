import { Unknown, UnknownValueError } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import { evaluate } from '../../template/evaluation/evaluate.ts';
import { type Expression, partsOf } from '../../template/syntax/expression.ts';
import { expressionsOf, references } from '../../template/syntax/references.ts';
import { isTruthy } from '../../template/values/value.ts';
import type { HostState } from '../hosts/host-state.ts';
import { actorOf } from '../program/actor.ts';
import type { CompiledTask, Conditional } from '../program/compiled.ts';
import { scopeOfConditional } from '../program/conditions.ts';
import { loopItems, loopVariables } from '../program/loop.ts';
import type { TaskPlace } from '../program/place.ts';
import type { EntryOfLoop } from '../program/registered.ts';
import type { HostScope } from '../program/scope.ts';
import { scopeOf } from '../program/task-scope.ts';
import { isUnforeseeable } from '../program/unforeseeable.ts';
import { holdAfter } from './judge-entry.ts';
import { placeOf, type TemplateContext } from './place-of.ts';

/**
 * With `strategy: free`: the first template of a task that reads how far other hosts are, although the run has to tell something
 * else before the template has a value. Without this, the run would find it, in the middle of the work.
 * `isOpen` means that only the run tells what the task does; otherwise only what it registers is unknown.
 */
export function lookAhead(
  context: TemplateContext,
  task: CompiledTask,
  state: HostState,
  { isOpen }: { readonly isOpen: boolean },
): TemplateError | undefined {
  if (!context.play.isFree) return undefined;
  const result = task.register === undefined ? [] : [[task.register, new Unknown(task.ref.name)] as const];
  const place = { ...placeOf(context, state), task };
  const after = { ...place, registered: new Map([...state.registered, ...result]) };
  const before = isOpen ? scopesOf(place) : [];
  return (
    firstIn(templatesBefore(task), before) ??
    before.map((scope) => outlookOf(() => actorOf(place, scope)).found).find((error) => error !== undefined) ??
    firstIn(conditionsAfter(task), scopesOf(after))
  );
}

/** The same for the condition of an include or a `meta` action. */
export function lookAheadOfWhen(
  context: TemplateContext,
  node: Conditional,
  state: HostState,
): TemplateError | undefined {
  if (!context.play.isFree) return undefined;
  return firstIn(node.when, [scopeOfConditional(node, placeOf(context, state))]);
}

/**
 * Errors in the conditions on a task's result, as far as they do not depend on that result: the run would find them when the task
 * has been done.
 */
export function errorsAfter(
  context: TemplateContext,
  task: CompiledTask,
  state: HostState,
  entries: readonly EntryOfLoop[],
): readonly TemplateError[] {
  const { changedWhen = [], failedWhen = [], until, loop } = task;
  const lists = [changedWhen, failedWhen, until?.conditions ?? [], loop?.breakWhen ?? []].filter((list) =>
    list.some((condition) => !isAboutResult(condition, task.register)),
  );
  const result = new Unknown(task.ref.name);
  return entries.flatMap((entry) =>
    lists.flatMap((list) => wrongAmong(context, task, state, { ...entry, result }, list)),
  );
}

/** Whether it reads the result and nothing else, so that there is no error to be found before. */
function isAboutResult(condition: Expression, register: string | undefined): boolean {
  const { required, optional } = references(condition);
  const names = [...required, ...optional];
  return names.length > 0 && names.every((name) => name === register);
}

function wrongAmong(...given: Parameters<typeof holdAfter>): readonly TemplateError[] {
  try {
    holdAfter(...given);
  } catch (error) {
    if (error instanceof TemplateError) return [error];
    if (!(error instanceof UnknownValueError)) throw error;
  }
  return [];
}

function templatesBefore(task: CompiledTask): readonly Expression[] {
  const { when, params, loop, delegateTo, environment, notifyTemplates } = task;
  const { ignoreErrors, checkMode, diff, timeout, async, poll, throttle } = task;
  const settings = [ignoreErrors, checkMode, diff, timeout, async, poll, throttle].flat();
  const values = [
    params,
    loop?.entries,
    loop?.pause,
    loop?.label,
    delegateTo,
    ...environment,
    ...notifyTemplates,
    ...settings,
  ];
  return [...when, ...values.flatMap((value) => (value ? expressionsOf(value) : []))];
}

function conditionsAfter({ changedWhen = [], failedWhen = [], until, loop }: CompiledTask): readonly Expression[] {
  return [...changedWhen, ...failedWhen, ...(until?.conditions ?? []), ...(loop?.breakWhen ?? [])];
}

/** What the templates of a task see: in a loop for each of its entries, as far as these are known. */
function scopesOf(place: TaskPlace): readonly HostScope[] {
  const { loop } = place.task;
  if (!loop) return [scopeOf(place)];
  try {
    const items = loopItems(loop, place);
    return items.map((item, at) => scopeOf(place, item, loopVariables(loop, items, at)));
  } catch (error) {
    if (error instanceof UnknownValueError || error instanceof TemplateError) return [scopeOf(place)];
    throw error;
  }
}

function firstIn(expressions: readonly Expression[], scopes: readonly HostScope[]): TemplateError | undefined {
  for (const scope of scopes)
    for (const expression of expressions) {
      const found = errorIn(expression, scope, new Set());
      if (found) return found;
    }
  return undefined;
}

/** @param seen the variables whose definitions have been looked into */
function errorIn(expression: Expression, scope: HostScope, seen: Set<string>): TemplateError | undefined {
  const { found, isOpen } = outlookOf(() => evaluate(expression, scope));
  if (found || !isOpen) return found;
  for (const part of openParts(expression, scope, seen)) {
    const inPart = errorIn(part, scope, seen);
    if (inPart) return inPart;
  }
  return undefined;
}

/** Whether something has a value before the run. */
interface Outlook {
  readonly found?: TemplateError;
  /** It has no value, for whatever other reason. */
  readonly isOpen: boolean;
}

function outlookOf(work: () => unknown): Outlook {
  try {
    work();
    return { isOpen: false };
  } catch (error) {
    if (isUnforeseeable(error)) return { found: error, isOpen: true };
    if (error instanceof UnknownValueError || error instanceof TemplateError) return { isOpen: true };
    throw error;
  }
}

/** What an expression without a value consists of, as far as it may be evaluated. */
function openParts(expression: Expression, scope: HostScope, seen: Set<string>): readonly Expression[] {
  if (expression.kind === 'name') {
    const definition = seen.has(expression.name) ? undefined : scope.definitionOf(expression.name);
    seen.add(expression.name);
    return definition ? expressionsOf(definition) : [];
  }
  if (expression.kind !== 'conditional') return partsOf(expression);
  const { condition, whenTrue, whenFalse } = expression;
  if (outlookOf(() => evaluate(condition, scope)).isOpen) return partsOf(expression);
  const branch = isTruthy(evaluate(condition, scope)) ? whenTrue : whenFalse;
  return branch ? [branch] : [];
}
