import type { Json, JsonObject } from '../../core/json.ts';
import { Complaint, TemplateError } from '../../template/errors.ts';
import { render } from '../../template/render.ts';
import { rangeOfValue } from '../../template/template.ts';
import type { CompiledTask } from './compiled.ts';
import { entriesOf, NEEDS } from './loop-entries.ts';
import { fileEntries } from './loop-files.ts';
import type { TaskPlace } from './place.ts';
import { scopeOf } from './task-scope.ts';

/**
 * The entries of a task's loop on a host.
 * @throws {TemplateError} when its value is none that can be gone through.
 * @throws {UnknownValueError} when only the run will tell.
 */
export function loopItems(place: TaskPlace): readonly Json[] {
  const { task } = place;
  const value = task.loop && render(task.loop, scopeOf(place));
  const items = value === undefined ? undefined : complaining(task, () => entriesFrom(value, place));
  if (items) return items;
  const what = task.loopForm === undefined ? 'loop' : `with_${task.loopForm}`;
  throw new TemplateError(
    `${what} needs ${NEEDS[task.loopForm ?? 'list']}`,
    task.range,
    'look at what its template yields',
  );
}

function entriesFrom(value: Json, place: TaskPlace): readonly Json[] | undefined {
  const { loopForm: form } = place.task;
  switch (form) {
    case 'file':
    case 'fileglob':
    case 'first_found':
      return fileEntries(value, form, place);
    default:
      return entriesOf(value, form);
  }
}

function complaining<T>({ range }: CompiledTask, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Complaint ? new TemplateError(error.message, range, error.hint) : error;
  }
}

/**
 * Milliseconds between two entries (`pause`).
 * @throws {TemplateError} when a template yields no time.
 */
export function loopPauseMs(place: TaskPlace): number {
  const { loopPause, range } = place.task;
  if (!loopPause) return 0;
  const value = render(loopPause, scopeOf(place));
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0) return seconds * 1_000;
  throw new TemplateError(
    'pause must be a number of seconds',
    rangeOfValue(loopPause) ?? range,
    'look at what its template yields',
  );
}

/** `index_var`, and `ansible_loop` where the loop is to tell more of itself (`extended`). */
export function loopVariables(
  { loopIndex, loopVariable, loopExtended }: CompiledTask,
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
    ansible_loop_var: loopVariable,
    ...(loopIndex !== undefined && { [loopIndex]: at, ansible_index_var: loopIndex }),
    ...(loopExtended && { ansible_loop: extended }),
  };
}
