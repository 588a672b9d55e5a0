import { IncludedVariable } from './included-variable.ts';
import type { Registered } from './place.ts';
import type { IncludedVariables } from './variable-files.ts';

/** What a host has set, with what a task includes: what set_fact and register have set is stronger. */
export function withIncluded(registered: Registered, { variables }: IncludedVariables): Registered {
  const weaker = [...variables].filter(([name]) => {
    const now = registered.get(name);
    return now === undefined || now instanceof IncludedVariable;
  });
  return new Map([...registered, ...weaker]);
}
