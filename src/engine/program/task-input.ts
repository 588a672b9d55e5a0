import type { Json, JsonObject } from '../../core/json.ts';
import { UnknownValueError } from '../../core/world.ts';
import { render } from '../../template/evaluation/render.ts';
import { actorOf } from './actor.ts';
import { tellingAll } from './all-undefined.ts';
import { type CallLimit, limitsOf } from './call-limit.ts';
import type { CompiledLoop } from './compiled.ts';
import { skipReason } from './conditions.ts';
import { environmentOf } from './environment.ts';
import { beginLoop, loopPauseMs, loopVariables } from './loop.ts';
import { notifiedBy } from './notify.ts';
import type { TaskPlace } from './place.ts';
import type { SkippedEntry } from './registered.ts';
import type { HostScope } from './scope.ts';
import { flagOf, wholeNumberOf } from './settings.ts';
import { paramsOf } from './task-params.ts';
import { scopeOf } from './task-scope.ts';
import type { IncludedVariables } from './variable-files.ts';
import { withIncluded } from './with-included.ts';

/** What a task means on one host: nothing, not yet known, or calls of its step (one, or one per entry of its loop). */
export type TaskInput =
  | {
      readonly kind: 'skip';
      readonly reason: string;
      readonly skipped: readonly SkippedEntry[];
      /** Its loop is not begun. */
      readonly isBeforeLoop?: true;
    }
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
      return { kind: 'calls', calls: [wholeCallOf(place, scope)], skipped: [], looped: false };
    }
    return loopInput(task.loop, place);
  } catch (error) {
    if (error instanceof UnknownValueError) return { kind: 'unknown', until: error.until };
    throw error;
  }
}

function loopInput(loop: CompiledLoop, place: TaskPlace): TaskInput {
  const { task } = place;
  const begin = beginLoop(loop, place);
  if ('skipped' in begin) return { kind: 'skip', reason: begin.skipped, skipped: [], isBeforeLoop: true };
  const { items } = begin;
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
    const call = wholeCallOf(place, scope);
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

function wholeCallOf(place: TaskPlace, scope: HostScope): TaskCall {
  const { params, environment } = place.task;
  return tellingAll([params, ...environment], scope, () => callOf(place, scope));
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
