import type { Change } from '../../core/plan.ts';
import type { LeafOrder } from '../../kubeadm/leaf-order.ts';
import { isoDate } from '../../pki/time.ts';

const MAKERS = { renew: 'renew', phase: 'phase', user: 'kubeadm', native: 'native' } as const;

/**
 * A leaf that will be made, as the plan shows it: `ends 2026-11-23 → 2027-11-24  renew  SANs kept: 9`. `signer` is the host that
 * signs it, when that is another one.
 */
export function leafChange({ credential, maker, pattern, notAfter, remarks }: LeafOrder, signer?: string): Change {
  const names = pattern ? pattern.dnsNames.length + pattern.ipAddresses.length + pattern.otherNames.length : 0;
  const old = pattern ? isoDate(pattern.notAfter) : 'none';
  return {
    kind: credential.files.length > 0 ? 'update' : 'create',
    target: credential.name,
    before: pattern ? { ends: new Date(pattern.notAfter).toISOString(), serial: pattern.serial } : null,
    after: { ends: new Date(notAfter).toISOString(), made_by: maker },
    summary: [
      `ends ${old} → ${isoDate(notAfter)}`,
      MAKERS[maker],
      ...(names > 0 ? [`SANs kept: ${names}`] : []),
      ...(signer === undefined ? [] : [`signed on ${signer}`]),
    ].join('   '),
    ...(remarks.length > 0 && { details: remarks }),
    disruptive: false,
  };
}
