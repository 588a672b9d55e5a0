import { canonicalJson } from '../../core/json.ts';
import type { Change } from '../../core/plan.ts';
import type { ProblemCode } from '../../core/problems/code.ts';
import { beyond, nameOf, outcomeOf, unshown } from '../plan/changes.ts';

/** Why a host may not be changed as its task would change it now. */
export interface NotAdmitted {
  readonly code: ProblemCode;
  readonly reason: string;
  readonly details: readonly (readonly [label: string, text: string])[];
  readonly remedy: string;
}

/**
 * Nothing is done that was not shown: each change is to do the same to the same thing, and the same, by value, is to come of it.
 * `owed` are outcomes of changes that were shown and have not come about. @returns undefined when all of it is admitted.
 */
export function notAdmitted(
  changes: readonly Change[],
  shown: readonly Change[],
  owed: ReadonlySet<string>,
): NotAdmitted | undefined {
  const extra = unshown(changes, [...shown.map(outcomeOf), ...owed]);
  if (extra.length === 0) return undefined;
  const more = beyond(extra, shown.map(nameOf));
  const why =
    more.length > 0
      ? `it would need ${more.map(nameOf).join(', ')} as well`
      : `${extra.map(nameOf).join(', ')} would not come out as planned`;
  return {
    code: 'host-changed',
    reason: `the host has changed since the plan was made: ${why}`,
    details: extra.flatMap((change) => differenceOf(change, shown)),
    remedy: 'run again: a new plan will take it into account',
  };
}

const MAX_SHOWN = 200;

/** What was shown to come of a change, and what would now. */
function differenceOf(change: Change, shown: readonly Change[]): NotAdmitted['details'] {
  const then = shown.find((one) => nameOf(one) === nameOf(change));
  if (!then) return [];
  const text = ({ after, summary }: Change): string =>
    (summary !== undefined && then.summary !== change.summary ? summary : canonicalJson(after)).slice(0, MAX_SHOWN);
  return [
    [`${nameOf(change)}: shown`, text(then)],
    [`${nameOf(change)}: now`, text(change)],
  ];
}
