import type { CompiledTask } from './compiled.ts';
import type { Registered } from './place.ts';
import { namesSetBy } from './play-tasks.ts';
import { VariableView } from './variable-view.ts';

/** Adds the variables with these names of the host that ran a task for all (`run_once`). */
export function withShared(own: Registered, names: ReadonlySet<string>, after: Registered): Registered {
  return names.size === 0 ? own : new Map([...own, ...[...after].filter(([name]) => names.has(name))]);
}

/**
 * The names of the variables that such a task has set. On that host they may have had the same values before.
 * @param verdict of the task on that host
 */
export function namesToShare(
  task: CompiledTask,
  verdict: string,
  before: Registered,
  after: Registered,
): ReadonlySet<string> {
  const isDone = verdict === 'ok' || verdict === 'changed';
  return new Set([...gained(before, after), ...(isDone ? namesSetBy(task) : [])]);
}

/** The variables that a host has newly registered. */
export function gained(before: Registered, after: Registered): ReadonlySet<string> {
  const names = new Set<string>();
  if (before === after) return names;
  if (after instanceof VariableView && after.below === before) return new Set(after.changed);
  for (const [name, value] of after) if (before.get(name) !== value) names.add(name);
  return names;
}
