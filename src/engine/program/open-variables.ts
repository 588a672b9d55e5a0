import { Unknown } from '../../core/world.ts';
import { IncludedVariable } from './included-variable.ts';
import { ANY_NAME, type Registered } from './place.ts';
import type { ScopeLayers } from './scope.ts';

/** What a task may have set, where only the run tells which variables that are: those of a file are weaker than others that are registered. */
export function withAnySet(
  registered: Registered,
  which: 'included variables' | 'all variables',
  until: string,
): readonly (readonly [string, Unknown])[] {
  const names = [...registered]
    .filter(([, value]) => which === 'all variables' || value instanceof IncludedVariable)
    .map(([name]) => name);
  return [...new Set([...names, ANY_NAME])].map((name) => [name, new Unknown(until)]);
}

/** What is registered, as a scope takes it: whether tasks may have set any variable stands apart. */
export function layersOf(registered: Registered): Pick<ScopeLayers, 'registered' | 'open'> {
  const open = registered.get(ANY_NAME);
  if (open === undefined) return { registered };
  return {
    registered: new Map([...registered].filter(([name]) => name !== ANY_NAME)),
    ...(open instanceof Unknown && { open }),
  };
}
