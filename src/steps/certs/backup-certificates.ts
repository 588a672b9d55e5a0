import { count } from '../../core/count.ts';
import { firstEvidence } from '../../core/events/evidence.ts';
import { nameList } from '../../core/name-list.ts';
import type { PlanWarning, RefusePlan } from '../../core/plan.ts';
import type { Backup } from '../../facts/backups/backups.ts';

/** Certificates of a backup that have expired or soon will, each with its end in milliseconds since the epoch. */
export type Ending = readonly (readonly [name: string, end: number])[];

/** Certificates of a backup that cannot be used, whatever their dates, each with the reason. */
export type Unusable = readonly (readonly [name: string, reason: string])[];

/** Refuses to restore expired certificates: in a running cluster they cause the very outage that kplay exists to end. */
export function expiryRefusal({ id }: Backup, ending: Ending, now: Date): RefusePlan | undefined {
  if (ending.length === 0) return undefined;
  const hasExpired = (end: number): boolean => end < now.getTime();
  const isOne = ending.length === 1;
  const have = `${isOne ? 'has' : 'have'} expired`;
  const which = ending.every(([, end]) => hasExpired(end))
    ? have
    : `${have} or ${isOne ? 'expires' : 'expire'} within a day`;
  const moment = (end: number): string => `${new Date(end).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return {
    action: 'refuse',
    code: 'backup-expired',
    reason: `backup ${id} holds ${ending.length} ${isOne ? 'certificate' : 'certificates'} that ${which}`,
    remedy:
      'renew instead: kplay run renew-certs.yml, with the same -i and -l; to restore them anyway, repeat this command with --even-expired (in a playbook: even_expired: true)',
    details: firstEvidence(
      ending.map(([name, end]) => [name, `${hasExpired(end) ? 'expired' : 'expires'} ${moment(end)}`]),
    ),
  };
}

/** Refuses to restore certificates that nothing would use or accept, each with the reason: the proof could only fail. */
export function unusableRefusal({ id }: Backup, unusable: Unusable): RefusePlan | undefined {
  if (unusable.length === 0) return undefined;
  return {
    action: 'refuse',
    code: 'backup-unusable',
    reason: `backup ${id} holds ${count(unusable.length, 'certificate')} that cannot be used`,
    remedy:
      'keep what the host has, or renew: kplay run renew-certs.yml, with the same -i and -l; to restore them anyway, repeat this command with --even-expired (in a playbook: even_expired: true)',
    details: firstEvidence(unusable),
  };
}

/** The warnings about a backup that is restored although some of its certificates have expired, or cannot be used. */
export function uselessWarnings(
  { id }: Backup,
  { expired, unusable }: { readonly expired: readonly string[]; readonly unusable: readonly string[] },
): readonly PlanWarning[] {
  return [
    ...(expired.length > 0
      ? [
          {
            message: `backup ${id} contains expired certificates (${nameList(expired, 4)}): what reads them cannot serve, or is rejected`,
            remedy:
              'kplay run renew-certs.yml, with the same -i and -l, makes new ones; without --even-expired, expired certificates are not restored',
          },
        ]
      : []),
    ...(unusable.length > 0
      ? [
          {
            message: `backup ${id} contains certificates that cannot be used (${nameList(unusable, 4)}): what reads them does not start, or is rejected`,
            remedy:
              'kplay run renew-certs.yml, with the same -i and -l, makes new ones; without --even-expired, such certificates are not restored',
          },
        ]
      : []),
  ];
}
