import type { Registered } from './place.ts';

/** What a host has registered, with what another one got meanwhile by a task that it did for both (`run_once`). */
export function withShared(own: Registered, before: Registered, after: Registered): Registered {
  const gained = [...after].filter(([name, value]) => before.get(name) !== value);
  return gained.length === 0 ? own : new Map([...own, ...gained]);
}
