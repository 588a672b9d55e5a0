import type { PlanWarning } from '../../core/plan.ts';
import type { DueRule } from '../../kubeadm/certificates/due.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { isoDate } from '../../pki/time.ts';

type AuthorityCondition = 'good' | 'ends soon' | 'expired';

/** The condition of a CA that ends at `notAfter` (milliseconds since 1970), by the same rule as for leaves. */
export function authorityCondition(notAfter: number, { now, renewBefore }: DueRule): AuthorityCondition {
  const leftMs = notAfter - now.getTime();
  if (leftMs <= 0) return 'expired';
  return !renewBefore.all && leftMs <= renewBefore.milliseconds ? 'ends soon' : 'good';
}

/** Warns about a CA that has expired or soon will. Its leaves are not due then, because new ones could not last longer. */
export function authorityWarnings({ authorities }: KubeadmHost, rule: DueRule): readonly PlanWarning[] {
  return authorities.flatMap(({ name, certificate }): readonly PlanWarning[] => {
    if (!certificate) return [];
    const condition = authorityCondition(certificate.notAfter, rule);
    if (condition === 'good') return [];
    const day = isoDate(certificate.notAfter);
    const state = condition === 'expired' ? `expired ${day}` : `ends ${day}`;
    return [
      { message: `${name} itself ${state}: no certificate that it signs can be valid for longer`, remedy: REMEDY },
    ];
  });
}

const REMEDY =
  'replace the CA by hand, if possible before it expires (kubernetes.io: manual rotation of CA certificates)';
