import type { Registered } from './place.ts';
import { VariableView } from './variable-view.ts';

/** Adds the variables that a task set on the host that ran it for all (`run_once`). */
export function withShared(own: Registered, before: Registered, after: Registered): Registered {
  const names = gained(before, after);
  return names.size === 0 ? own : new Map([...own, ...[...after].filter(([name]) => names.has(name))]);
}

/** The variables that a host has newly registered. */
export function gained(before: Registered, after: Registered): ReadonlySet<string> {
  const names = new Set<string>();
  if (before === after) return names;
  if (after instanceof VariableView && after.below === before) return new Set(after.changed);
  for (const [name, value] of after) if (before.get(name) !== value) names.add(name);
  return names;
}
