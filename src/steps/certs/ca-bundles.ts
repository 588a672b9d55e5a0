import { count } from '../../core/count.ts';
import type { JsonObject } from '../../core/json.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { ApiCertificates, CaBundle } from '../../facts/api/api-certificates.ts';
import type { DueRule } from '../../kubeadm/certificates/due.ts';
import { isSameAuthority } from '../../kubeadm/host/kubeconfig-trust.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { authorityCondition } from './authority-ends.ts';

/** What is said of the CAs by which the API server knows a webhook, an API service or a conversion. */
export interface BundleRow {
  readonly object: string;
  /** The one that ends last: until then somebody is known by it. */
  readonly certificate: Certificate | undefined;
  readonly condition: string;
  readonly reason: string;
  /** `ca` where the cluster's own is among them. */
  readonly authority: string | null;
}

const REMEDY = 'kplay does not renew it: that is up to whatever created it, such as cert-manager or a chart';

/** What is said of each; none where the API did not answer. */
export function bundleRows(answer: ApiCertificates, { authorities }: KubeadmHost, rule: DueRule): readonly BundleRow[] {
  if (answer.state !== 'answered') return [];
  const own = authorities.find(({ name }) => name === 'ca')?.certificate;
  return answer.bundles.map((bundle) => rowOf(bundle, own, rule));
}

function rowOf({ object, authorities }: CaBundle, own: Certificate | undefined, rule: DueRule): BundleRow {
  const [certificate] = (authorities ?? []).toSorted((a, b) => b.notAfter - a.notAfter);
  if (!authorities || !certificate)
    return {
      object,
      certificate: undefined,
      condition: 'unreadable',
      reason: 'its caBundle contains no certificate',
      authority: null,
    };
  const condition = authorityCondition(certificate.notAfter, rule);
  const isOwn = authorities.some((one) => isSameAuthority(one, own));
  return {
    object,
    certificate,
    condition,
    reason: condition === 'good' ? 'good' : `${condition}; ${REMEDY}`,
    authority: isOwn ? 'ca' : certificate.subject.commonName || null,
  };
}

/** Kubelets that wait for their serving certificates: nothing in a cluster of kubeadm approves their requests. */
export function requestWarnings(answer: ApiCertificates): readonly PlanWarning[] {
  if (answer.state !== 'answered' || answer.pendingServing.length === 0) return [];
  const { length } = answer.pendingServing;
  const named = answer.pendingServing.slice(0, 3).join(' ');
  return [
    {
      message: `${count(length, 'kubelet request for a serving certificate is waiting', 'kubelet requests for serving certificates are waiting')} to be approved: ${named}${length > 3 ? ' …' : ''}`,
      remedy: `check each, and approve it: kubectl certificate approve ${named}`,
    },
  ];
}

/** What is not known of these and why, in a clause; null: they were all told. */
export function notAskedBecause(answer: ApiCertificates): JsonObject[string] {
  if (answer.state === 'no answer') return answer.reason;
  if (answer.incomplete.length === 0) return null;
  return answer.incomplete.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ');
}
