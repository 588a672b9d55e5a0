import { IncludedVariable } from './included-variable.ts';
import type { Registered } from './place.ts';
import type { IncludedVariables } from './variable-files.ts';

/** Adds the variables that a task includes to what a host has registered: set_fact and register take precedence. */
export function withIncluded(registered: Registered, { variables }: IncludedVariables): Registered {
  const weaker = [...variables].filter(([name]) => {
    const now = registered.get(name);
    return now === undefined || now instanceof IncludedVariable;
  });
  return new Map([...registered, ...weaker]);
}
