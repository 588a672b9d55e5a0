import type { Json, JsonObject } from '../../core/json.ts';
import { Complaint, TemplateError, UndefinedError } from '../../template/errors.ts';
import { render } from '../../template/evaluation/render.ts';
import { rangeOfValue } from '../../template/template.ts';
import type { CompiledLoop, CompiledTask } from './compiled.ts';
import { skipReason } from './conditions.ts';
import { entriesOf, NEEDS } from './loop-entries.ts';
import { fileEntries } from './loop-files.ts';
import type { TaskPlace } from './place.ts';
import { OMIT } from './scope.ts';
import { scopeOf } from './task-scope.ts';

/**
 * The entries of a loop on a host.
 * @throws {TemplateError} when its template yields nothing to loop over
 * @throws {UnknownValueError} when only the run can tell
 */
export function loopItems({ entries, form }: CompiledLoop, place: TaskPlace): readonly Json[] {
  const { task } = place;
  const value = render(entries, scopeOf(place));
  const items = withTaskRange(task, () => entriesFrom(value, form, place));
  // As in ansible-core 2.19, an entry that is omitted is none.
  if (items) return items.filter((item) => item !== OMIT);
  const what = form === undefined ? 'loop' : `with_${form}`;
  throw new TemplateError(`${what} needs ${NEEDS[form ?? 'list']}`, task.range, 'check the result of its template');
}

/** A loop that begins with its entries, or that is skipped as a whole, and why. */
type LoopBegin = { readonly items: readonly Json[] } | { readonly skipped: string };

/**
 * Begins a loop. As in Ansible, that it is undefined is only an error where the conditions hold without it.
 * @throws {TemplateError} when its template yields nothing to loop over
 * @throws {UnknownValueError} when only the run can tell
 */
export function beginLoop(loop: CompiledLoop, place: TaskPlace): LoopBegin {
  try {
    return { items: loopItems(loop, place) };
  } catch (error) {
    const skipped = error instanceof UndefinedError ? skipReasonOrNone(place) : undefined;
    if (skipped === undefined) throw error;
    return { skipped };
  }
}

/** Undefined too if the conditions have no value without an entry. */
function skipReasonOrNone(place: TaskPlace): string | undefined {
  try {
    return skipReason(place, scopeOf(place));
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
}

function entriesFrom(value: Json, form: CompiledLoop['form'], place: TaskPlace): readonly Json[] | undefined {
  switch (form) {
    case 'file':
    case 'fileglob':
    case 'first_found':
      return fileEntries(value, form, place);
    default:
      return entriesOf(value, form);
  }
}

function withTaskRange<T>({ range }: CompiledTask, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Complaint ? new TemplateError(error.message, range, error.hint) : error;
  }
}

/** Milliseconds between two entries (`pause`). @throws {TemplateError} when a template yields no number of seconds */
export function loopPauseMs({ pause }: CompiledLoop, place: TaskPlace): number {
  if (!pause) return 0;
  const value = render(pause, scopeOf(place));
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0) return seconds * 1_000;
  throw new TemplateError(
    'pause must be a number of seconds',
    rangeOfValue(pause) ?? place.task.range,
    'check the result of its template',
  );
}

/**
 * The additional variables of an entry: `index_var`, and `ansible_loop` with `extended`.
 * @param at the index of the entry, from 0
 */
export function loopVariables(
  { variable, index, isExtended }: CompiledLoop,
  items: readonly Json[],
  at: number,
): JsonObject {
  const { length } = items;
  const extended: JsonObject = {
    allitems: items,
    index: at + 1,
    index0: at,
    revindex: length - at,
    revindex0: length - at - 1,
    first: at === 0,
    last: at === length - 1,
    length,
    ...(at > 0 && { previtem: items[at - 1] ?? null }),
    ...(at < length - 1 && { nextitem: items[at + 1] ?? null }),
  };
  return {
    ansible_loop_var: variable,
    ...(index !== undefined && { [index]: at, ansible_index_var: index }),
    ...(isExtended && { ansible_loop: extended }),
  };
}
