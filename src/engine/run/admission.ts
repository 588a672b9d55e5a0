import { canonicalJson } from '../../core/json.ts';
import type { Change } from '../../core/plan.ts';
import type { ProblemCode } from '../../core/problems/code.ts';
import { shortened } from '../../core/shortened.ts';
import { beyond, changesOf, nameOf, outcomeOf, unshown } from '../plan/changes.ts';
import type { HostTaskPlan } from '../plan/host-task-plan.ts';
import type { HostRun } from './host-run.ts';

/** Why a host may not be changed as its task would now change it. */
export interface AdmissionRefusal {
  readonly code: ProblemCode;
  readonly reason: string;
  readonly details: readonly (readonly [label: string, text: string])[];
  readonly remedy: string;
}

/**
 * Nothing is done that was not shown: each change must have been shown with the same kind, target and resulting value.
 * `outstanding` are outcomes of changes that were shown and then failed.
 * @returns undefined if all changes are admitted
 */
export function checkAdmission(
  changes: readonly Change[],
  { plan, inPlaceOf }: Pick<HostTaskPlan, 'plan' | 'inPlaceOf'>,
  { outstanding, hasRunCommand }: Pick<HostRun, 'outstanding' | 'hasRunCommand'>,
): AdmissionRefusal | undefined {
  const shown = changesOf(plan);
  const extra = unshown(changes, [...shown.map(outcomeOf), ...outstanding]);
  if (extra.length === 0) return undefined;
  if (inPlaceOf !== undefined) return otherInItsPlace(inPlaceOf, shown, extra);
  const more = beyond(extra, shown.map(nameOf));
  const why =
    more.length > 0
      ? `it would need ${more.map(nameOf).join(', ')} as well`
      : `${extra.map(nameOf).join(', ')} would not come out as planned`;
  return {
    code: 'host-changed',
    reason: `the host has changed since the plan was made: ${why}`,
    details: extra.flatMap((change) => differenceOf(change, shown)),
    remedy: hasRunCommand ? AFTER_COMMAND : AGAIN,
  };
}

/** What one host was to do for all (`run_once`) comes to something else on the one that does it in its place. */
function otherInItsPlace(first: string, shown: readonly Change[], extra: readonly Change[]): AdmissionRefusal {
  return {
    code: 'host-changed',
    reason: `${first}, which was to do this for all hosts, has not come to it, and here it would be something else: ${extra.map(nameOf).join(', ')}`,
    details: [
      [`planned for ${first}`, shown.map(nameOf).join(', ') || 'nothing'],
      ...extra.flatMap((change) => differenceOf(change, shown)),
    ],
    remedy: `see why ${first} has not, and run again; without that host (--limit 'all:!${first}') a new plan shows what the next one does`,
  };
}

const AGAIN = 'run again: a new plan will take it into account';
const AFTER_COMMAND = `${AGAIN}; if a command of this play does that, remove its changed_when: false`;
const MAX_SHOWN = 200;

/** The shown outcome of a change, and its present one. */
function differenceOf(change: Change, shown: readonly Change[]): AdmissionRefusal['details'] {
  const before = shown.find((one) => nameOf(one) === nameOf(change));
  if (!before) return [];
  const text = ({ after, summary }: Change): string =>
    shortened(summary !== undefined && before.summary !== change.summary ? summary : canonicalJson(after), MAX_SHOWN);
  return [
    [`${nameOf(change)}: shown`, text(before)],
    [`${nameOf(change)}: now`, text(change)],
  ];
}
