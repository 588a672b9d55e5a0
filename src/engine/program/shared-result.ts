import type { Registered } from './place.ts';

/** The variables of a host, with those that another host got by a task that it did for both (`run_once`). */
export function withShared(own: Registered, before: Registered, after: Registered): Registered {
  const names = gained(before, after);
  return names.size === 0 ? own : new Map([...own, ...[...after].filter(([name]) => names.has(name))]);
}

/** What a host has registered meanwhile. */
export function gained(before: Registered, after: Registered): ReadonlySet<string> {
  const names = new Set<string>();
  if (before === after) return names;
  for (const [name, value] of after) if (before.get(name) !== value) names.add(name);
  return names;
}
