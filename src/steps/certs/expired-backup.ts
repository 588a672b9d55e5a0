import { firstEvidence } from '../../core/events/evidence.ts';
import type { PlanWarning, RefusePlan } from '../../core/plan.ts';
import type { Backup } from '../../facts/backups/backups.ts';

/** Certificates of a backup that have expired or soon will, each with its end in milliseconds since the epoch. */
export type Ending = readonly (readonly [name: string, end: number])[];

/** Refuses to restore expired certificates: in a running cluster they cause the very outage that kplay exists to end. */
export function expiryRefusal({ id }: Backup, ending: Ending, now: Date): RefusePlan | undefined {
  if (ending.length === 0) return undefined;
  const hasExpired = (end: number): boolean => end < now.getTime();
  const isOne = ending.length === 1;
  const have = `${isOne ? 'has' : 'have'} expired`;
  const which = ending.every(([, end]) => hasExpired(end)) ? have : `${have} or ${isOne ? 'ends' : 'end'} within a day`;
  const moment = (end: number): string => `${new Date(end).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return {
    action: 'refuse',
    code: 'backup-expired',
    reason: `backup ${id} holds ${ending.length} ${isOne ? 'certificate' : 'certificates'} that ${which}`,
    remedy:
      'renew instead: kplay run renew-certs.yml, with the same -i and -l; to restore them anyway, repeat this command with --even-expired (in a playbook: even_expired: true)',
    details: firstEvidence(
      ending.map(([name, end]) => [name, `${hasExpired(end) ? 'expired' : 'ends'} ${moment(end)}`]),
    ),
  };
}

/** The warning about a backup that is restored although its certificates have expired. */
export function expiryWarning({ id }: Backup, expired: readonly string[]): PlanWarning {
  const named = expired.slice(0, 3).join(', ');
  const more = expired.length > 3 ? ` and ${expired.length - 3} more` : '';
  return {
    message: `backup ${id} contains expired certificates (${named}${more}): what reads them cannot serve, or is rejected`,
    remedy:
      'kplay run renew-certs.yml, with the same -i and -l, makes new ones; without --even-expired, expired certificates are not restored',
  };
}
