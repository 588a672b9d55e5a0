import type { Diagnostic } from '../../core/diagnostic.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { UnknownValueError } from '../../core/world.ts';
import { render } from '../../template/evaluation/render.ts';
import type { EachNode, IncludePart } from './compiled.ts';
import { skipReason } from './conditions.ts';
import { keyOf } from './include-parts.ts';
import { beginLoop, loopVariables } from './loop.ts';
import type { HostPlace, TaskPlace } from './place.ts';
import type { HostScope } from './scope.ts';
import { scopeOf } from './task-scope.ts';

/** A part that a host includes. */
export interface Inclusion {
  readonly part: IncludePart;
  /** Only the run can tell whether its condition holds. */
  readonly isOpen: boolean;
}

/**
 * What a host includes at a node. As in Ansible, all conditions and names are evaluated before any included task.
 * @throws {TemplateError} when a template has no value
 * @throws {UnknownValueError} when only the run can tell what is included
 */
export function inclusionsOf({ task, parts }: EachNode, host: HostPlace): readonly Inclusion[] {
  const { loop } = task;
  const place: TaskPlace = { ...host, task };
  const occurrences = new Map<string, number>();
  const inclusion = (item?: Json, variables: JsonObject = {}): readonly Inclusion[] => {
    const scope = scopeOf(place, item, variables);
    const applies = appliesIn(place, scope);
    if (applies === false) return [];
    const rendered = render(task.params, scope);
    const named = isJsonObject(rendered) ? rendered : {};
    const entry = item === undefined || !loop ? {} : { ...variables, [loop.variable]: item };
    const key = keyOf(named, entry);
    const occurrence = occurrences.get(key) ?? 0;
    occurrences.set(key, occurrence + 1);
    return [{ part: parts.at(named, entry, occurrence), isOpen: applies === 'unknown' }];
  };
  if (!loop) return inclusion();
  const begin = beginLoop(loop, place);
  if ('skipped' in begin) return [];
  const { items } = begin;
  return items.flatMap((item, at) => inclusion(item, loopVariables(loop, items, at)));
}

/** The first error in what is included. */
export function firstProblem(inclusions: readonly Inclusion[]): Diagnostic | undefined {
  return inclusions.flatMap(({ part }) => part.problems).find(({ severity }) => severity === 'error');
}

/** Whether an entry's conditions hold, if that is known before the run. */
function appliesIn(place: TaskPlace, scope: HostScope): boolean | 'unknown' {
  try {
    return skipReason(place, scope) === undefined;
  } catch (error) {
    if (error instanceof UnknownValueError) return 'unknown';
    throw error;
  }
}
