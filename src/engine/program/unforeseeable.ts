import type { Json, JsonObject } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import { Complaint, TemplateError } from '../../template/errors.ts';
import { lazyMapping } from '../../template/values/lazy-mapping.ts';
import type { CompiledPlay } from './compiled.ts';
import { mayIncludeAny, namesSetBy, tasksOf } from './play-tasks.ts';
import { RESCUE_VARIABLES } from './registered.ts';

/** A template depends on how far other hosts are. */
class Unforeseeable extends Complaint {}

/** Whether an error is that a template depends on how far other hosts are. */
export function isUnforeseeable(error: unknown): error is TemplateError {
  return error instanceof TemplateError && error.cause instanceof Unforeseeable;
}

/** The hosts that are still in the play. With `strategy: free` that is unpredictable, so reading it is an error. */
export function hostsInPlay(name: string, { isFree }: CompiledPlay, hosts: () => readonly string[]): Json {
  if (!isFree) return hosts();
  throw new Unforeseeable(
    `${name} changes as hosts go on, and with strategy: free nobody knows how far the others are`,
    'write ansible_play_hosts_all, which are all hosts of the play, or strategy: linear',
  );
}

/**
 * The variables of another host of the play. With `strategy: free` its progress is unknown, so reading variables that tasks of
 * the play set is an error.
 * @param names of all its variables at present
 */
export function variablesOfOther(
  host: string,
  play: CompiledPlay,
  names: readonly string[],
  find: (name: string) => Json,
): JsonObject {
  if (!play.isFree) return lazyMapping(names, find);
  const tasks = tasksOf(play);
  const set = new Set([...tasks.flatMap(namesSetBy), ...RESCUE_VARIABLES]);
  if (mayIncludeAny(play.body) || tasks.some(({ step }) => step.includesVariables))
    throw tooEarly(`variables of ${host}`);
  return lazyMapping(new Set([...names, ...set]), (name) => {
    if (set.has(name)) throw tooEarly(`${name} of ${host}`);
    return find(name);
  });
}

/** With `strategy: free`, a task that is delegated to another host of the play. */
export function delegatedWithin(name: string, range: SourceRange): TemplateError {
  const message = `it is delegated to ${name}, a host of this play, and with strategy: free nobody knows how far that one is`;
  const hint = 'write strategy: linear, or delegate it to a host that is not of the play';
  return new TemplateError(message, range, hint, new Unforeseeable(message, hint));
}

function tooEarly(what: string): Unforeseeable {
  return new Unforeseeable(
    `tasks of this play may set ${what}, and with strategy: free nobody knows how far that host is`,
    'read it in a later play, or write strategy: linear',
  );
}
