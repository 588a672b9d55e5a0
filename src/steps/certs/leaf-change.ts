import type { Change } from '../../core/plan.ts';
import type { LeafOrder } from '../../kubeadm/certificates/leaf-order.ts';
import { replacedLinks } from '../../kubeadm/pattern.ts';
import { isoDate } from '../../pki/time.ts';

const MAKERS = { renew: 'renew', phase: 'phase', user: 'kubeadm', native: 'native' } as const;

/**
 * The change for a new leaf, as the plan shows it: `expires 2026-11-23 → 2027-11-24  renew  SANs kept: 9`; for a kubelet, whose
 * leaf is not a copy, with its subject. `signer` is the host that signs it, if that is another one.
 */
export function leafChange(
  { credential, maker, identity, old, pattern, notAfter, remarks, server }: LeafOrder,
  signer?: string,
): Change {
  const names = pattern ? pattern.dnsNames.length + pattern.ipAddresses.length + pattern.otherNames.length : 0;
  const ended = old ? `${isoDate(old.notAfter)} → ` : '';
  return {
    kind: credential.files.length > 0 ? 'update' : 'create',
    target: credential.name,
    before: old ? { ends: new Date(old.notAfter).toISOString(), serial: old.serial } : null,
    after: { ends: new Date(notAfter).toISOString(), made_by: maker, subject: identity.subject },
    summary: [
      `expires ${ended}${isoDate(notAfter)}`,
      MAKERS[maker],
      ...(names > 0 ? [`SANs kept: ${names}`] : []),
      ...(credential.kind === 'kubelet' ? [identity.subject] : []),
      ...(server === undefined ? [] : [`server ${server}`]),
      ...(signer === undefined ? [] : [`signed on ${signer}`]),
      ...replacedLinks(credential),
    ].join('   '),
    ...(remarks.length > 0 && { details: remarks }),
    disruptive: false,
  };
}
