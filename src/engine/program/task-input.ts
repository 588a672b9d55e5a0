import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { JsonSchemaObject } from '../../core/schema.ts';
import type { SourceRange } from '../../core/source.ts';
import { Unknown, UnknownValueError } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import { evaluate } from '../../template/evaluation/evaluate.ts';
import { render, renderMembers } from '../../template/evaluation/render.ts';
import { MAX_CHARACTERS } from '../../template/limits.ts';
import { charactersIn } from '../../template/measure.ts';
import { type Expression, sourceOf } from '../../template/syntax/expression.ts';
import { rangeOfValue } from '../../template/template.ts';
import { isTruthy } from '../../template/values/value.ts';
import { actorOf } from './actor.ts';
import { type CallLimit, limitsOf } from './call-limit.ts';
import type { CompiledLoop, CompiledTask, Conditional } from './compiled.ts';
import { environmentOf } from './environment.ts';
import { inputPlace, lacksList } from './input-place.ts';
import { loopItems, loopPauseMs, loopVariables } from './loop.ts';
import { notifiedBy } from './notify.ts';
import type { HostPlace, TaskPlace } from './place.ts';
import type { SkippedEntry } from './registered.ts';
import { type HostScope, OMIT } from './scope.ts';
import { flagOf, wholeNumberOf } from './settings.ts';
import { scopeOf } from './task-scope.ts';
import { withTexts } from './texts.ts';
import type { IncludedVariables } from './variable-files.ts';
import { MAX_WORD } from './variable-watch.ts';
import { withIncluded } from './with-included.ts';

/** What a task means on one host: nothing, not yet known, or calls of its step (one, or one per entry of its loop). */
export type TaskInput =
  | { readonly kind: 'skip'; readonly reason: string; readonly skipped: readonly SkippedEntry[] }
  | { readonly kind: 'unknown'; readonly until: string }
  | {
      readonly kind: 'calls';
      readonly calls: readonly TaskCall[];
      readonly skipped: readonly SkippedEntry[];
      readonly looped: boolean;
    };

/** One call of a step: the task itself, or one entry of its loop. */
export interface TaskCall {
  readonly params: JsonObject;
  /** The entry of the loop, and its index, from 0. */
  readonly item?: Json;
  readonly at?: number;
  /** The entry as text, if the task defines how it is shown. */
  readonly label?: string;
  /** The other loop variables of the entry: `index_var`, `ansible_loop`. */
  readonly loop?: JsonObject;
  /** The host that carries it out, if it is another one. */
  readonly actor?: string;
  /** Variables that it includes. */
  readonly included?: IncludedVariables;
  /** The environment of what it runs. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly limit?: CallLimit;
  /** A failure of it is ignored. */
  readonly ignoresErrors?: true;
  /** It is only planned. */
  readonly checkMode?: true;
  /** Whether contents of files are shown as diffs; default: as on the command line. */
  readonly diff?: boolean;
  /** The names that its templates notify. */
  readonly notify?: readonly string[];
  /** Milliseconds to wait before it. */
  readonly pauseMs?: number;
}

/**
 * Renders a task for a host.
 * @throws {TemplateError} when a template has no value, or the step does not accept a value
 */
export function taskInput(place: TaskPlace): TaskInput {
  try {
    const { task } = place;
    if (!task.loop) {
      const scope = scopeOf(place);
      const skipped = skipReason(place, scope);
      if (skipped !== undefined) return { kind: 'skip', reason: skipped, skipped: [] };
      return { kind: 'calls', calls: [callOf(place, scope)], skipped: [], looped: false };
    }
    return loopInput(task.loop, place);
  } catch (error) {
    if (error instanceof UnknownValueError) return { kind: 'unknown', until: error.until };
    throw error;
  }
}

function loopInput(loop: CompiledLoop, place: TaskPlace): TaskInput {
  const { task } = place;
  const items = loopItems(loop, place);
  const calls: TaskCall[] = [];
  const skipped: SkippedEntry[] = [];
  const pauseMs = loopPauseMs(loop, place);
  let { registered } = place;
  for (const [at, item] of items.entries()) {
    const variables = loopVariables(loop, items, at);
    const scope = scopeOf({ ...place, registered }, item, variables);
    const reason = skipReason(place, scope);
    if (reason !== undefined) {
      skipped.push({ at, item, reason, loop: variables });
      continue;
    }
    const label = loop.label && textOf(render(loop.label, scope));
    const call = callOf(place, scope);
    // An entry sees what the previous one has set.
    if (task.step.setsFacts) registered = new Map([...registered, ...Object.entries(call.params)]);
    if (call.included) registered = withIncluded(registered, call.included);
    const pause = at > 0 && pauseMs > 0 && { pauseMs };
    calls.push({ ...call, item, at, loop: variables, ...(label !== undefined && { label }), ...pause });
  }
  if (calls.length === 0)
    return { kind: 'skip', reason: items.length === 0 ? 'the loop is empty' : '`when` holds for no entry', skipped };
  return { kind: 'calls', calls, skipped, looped: true };
}

/** An entry of a loop as text: its label, or else the entry itself; undefined outside of loops. */
export function entryName({ item, label }: TaskCall): string | undefined {
  return label ?? (item === undefined ? undefined : textOf(item));
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * Whether all conditions of a `meta` action or an include hold on a host.
 * @throws {TemplateError} when one has no value
 * @throws {UnknownValueError} when only the run can tell
 */
export function holds({ when, vars, given, defaults, role }: Conditional, place: HostPlace): boolean {
  const scope = scopeOf({ ...place, task: { vars, given, defaults, role, loop: undefined } });
  return when.every((condition) => conditionHolds(condition, scope));
}

/**
 * Evaluates a condition of `when`, `failed_when` or `changed_when`.
 * @throws {TemplateError} when it has no value, or is a string: as in ansible-core from 2.19 on
 */
export function conditionHolds(condition: Expression, scope: HostScope): boolean {
  const value = evaluate(condition, scope);
  if (typeof value !== 'string') return isTruthy(value);
  // `-e v=false` is a string, and any non-empty string would hold.
  const text = sourceOf(condition);
  const operand = BINDS_LOOSELY.has(condition.kind) ? `(${text})` : text;
  throw new TemplateError(
    `this condition is a string, which is neither true nor false: ${text}`,
    condition.whole ?? condition.range,
    `write ${operand} | bool, or compare it: ${operand} != ''`,
  );
}

/** Expressions of which a following filter would take the last operand only. */
const BINDS_LOOSELY: ReadonlySet<Expression['kind']> = new Set(['binary', 'conditional', 'logical']);

/** Why a task, or an entry of its loop, does not apply to a host; undefined if its conditions hold. */
export function skipReason({ task }: TaskPlace, scope: HostScope): string | undefined {
  const failing = task.when.find((condition) => !conditionHolds(condition, scope));
  return failing && `not when ${sourceOf(failing)}`;
}

function callOf(place: TaskPlace, scope: HostScope): TaskCall {
  const { task, play, surroundings } = place;
  const environment = environmentOf(task, scope);
  const { limit, async } = limitsOf(task, scope);
  const params = paramsOf(place, scope, async);
  const included = task.step.includesVariables && surroundings.variableFiles.include(params, task, play.directory);
  const actor = actorOf(place, scope);
  const diff = flagOf('diff', task.diff, task.range, scope);
  const notify = notifiedBy(place, scope);
  // Only the runner uses the value; this checks that it can be evaluated.
  wholeNumberOf('throttle', task.throttle, task.range, scope);
  return {
    params,
    ...(included && { included }),
    ...(actor !== undefined && { actor }),
    ...(environment && { environment }),
    ...(limit && { limit }),
    ...(flagOf('ignore_errors', task.ignoreErrors, task.range, scope) && { ignoresErrors: true }),
    ...(flagOf('check_mode', task.checkMode, task.range, scope) && { checkMode: true }),
    ...(diff !== undefined && { diff }),
    ...(notify.length > 0 && { notify }),
  };
}

/** @param async the task's time limit in seconds, also the default for its command */
function paramsOf(place: TaskPlace, scope: HostScope, async: number): JsonObject {
  const { task, surroundings } = place;
  const rendered = renderParams(place, scope);
  const given = isJsonObject(rendered) ? withTexts(task.step.schema, withoutOmitted(rendered)) : {};
  const standard = {
    ...(async > 0 && asyncParameters(task.step.schema, async)),
    ...defaultsFromVariables(task, given, scope),
  };
  const all = { ...standard, ...given };
  const completed = surroundings.complete(task.step.name, all);
  if ('params' in completed) return withoutNul(task, completed.params);
  const { parameters = [] } = completed;
  const input = inputPlace(parameters, place);
  if (input) {
    const hint =
      completed.hint ?? (parameters.some((name) => lacksList(task, name, all[name])) ? input.list : undefined);
    throw new TemplateError(completed.problems.join('; '), input.range, hint);
  }
  const problem = completed.problems.join('; ');
  const message = problem.startsWith(`${task.step.name} `) ? problem : `${task.step.name}: ${problem}`;
  throw new TemplateError(message, rangeOf(task), completed.hint);
}

/** Up to this length a text stays within the limits, whatever names replace those in it. */
const SHORT = MAX_CHARACTERS / (MAX_WORD + 1);

function renderParams({ task: { params, step }, surroundings }: TaskPlace, scope: HostScope): Json {
  if (params.kind !== 'mapping') return render(params, scope);
  const { forAnyWord } = scope;
  const takesAnyWord = (name: string): boolean => step.schema.properties[name]?.['x-any-word'] === true;
  const rendered = renderMembers(params, (name) => (takesAnyWord(name) ? forAnyWord : scope));
  // Record everything that a long text is made of: its length may matter on other hosts.
  return surroundings.watch && charactersIn(rendered) > SHORT ? render(params, scope) : rendered;
}

/** Values that reach a host must not contain NUL; values that a step only shows or compares may. */
function withoutNul(task: CompiledTask, params: JsonObject): JsonObject {
  const [name] = Object.entries(params).find(([, value]) => holdsNul(value)) ?? [];
  if (name === undefined || !(task.step.apply || task.step.check)) return params;
  throw new TemplateError(
    `${task.step.name}: ${name} contains a NUL character, which is not allowed in commands, names and files`,
    rangeOf(task),
    'remove it on the host, before it is registered: | tr -d "\\000"',
  );
}

function holdsNul(value: Json): boolean {
  if (typeof value === 'string') return value.includes('\0');
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsNul);
}

/** Removes parameters, and parts of them, whose value is `omit`. */
function withoutOmitted(value: JsonObject): JsonObject {
  const kept = Object.entries(value).filter(([, one]) => one !== OMIT);
  return Object.fromEntries(kept.map(([name, one]) => [name, isJsonObject(one) ? withoutOmitted(one) : one]));
}

function asyncParameters({ properties }: JsonSchemaObject, async: number): JsonObject {
  const names = Object.keys(properties).filter((name) => properties[name]?.['x-async']);
  return Object.fromEntries(names.map((name) => [name, `${async}s`]));
}

/** Parameters that the task omits and whose schema names a variable as default. */
function defaultsFromVariables({ step }: CompiledTask, given: JsonObject, scope: HostScope): JsonObject {
  const defaults: Record<string, Json> = {};
  for (const [name, property] of Object.entries(step.schema.properties)) {
    const variable = property['x-default-variable'];
    if (variable === undefined || (given[name] ?? null) !== null) continue;
    const value = scope.get(variable);
    if (value instanceof Unknown) throw new UnknownValueError(value.until);
    if (value !== undefined && value !== null) defaults[name] = value;
  }
  return defaults;
}

function rangeOf({ params, range }: CompiledTask): SourceRange {
  return rangeOfValue(params) ?? range;
}
