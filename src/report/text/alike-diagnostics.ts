import type { Diagnostic } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import { groupBy } from './words.ts';

/** A problem to be shown, and the other places of the same problem, of which only the position is. */
export interface Explained {
  readonly diagnostic: Diagnostic;
  readonly elsewhere: readonly SourceRange[];
}

/** How often the same is explained: nobody needs to read fifty times that kplay has no step for a module. */
const EXPLAINED = 3;

/** Of a problem that is in many places, with the same hint, the first few remain; the last of these lists the other places. */
export function foldAlike(diagnostics: readonly Diagnostic[]): readonly Explained[] {
  const groups = groupBy(
    diagnostics.filter(({ range }) => range),
    ({ severity, message, hint }) => JSON.stringify([severity, message, hint]),
  );
  const rest = new Map<Diagnostic, readonly Diagnostic[]>();
  for (const alike of groups.values()) {
    const last = alike[EXPLAINED - 1];
    // A single place takes no more room when it is shown.
    if (last && alike.length > EXPLAINED + 1) rest.set(last, alike.slice(EXPLAINED));
  }
  const folded = new Set([...rest.values()].flat());
  return diagnostics
    .filter((diagnostic) => !folded.has(diagnostic))
    .map((diagnostic) => ({
      diagnostic,
      elsewhere: (rest.get(diagnostic) ?? []).flatMap(({ range }) => range ?? []),
    }));
}
