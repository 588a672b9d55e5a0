import { count } from '../../core/count.ts';
import type { JsonObject } from '../../core/json.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { ApiCertificates, CaBundle } from '../../facts/api/api-certificates.ts';
import { conditionByTime, type DueRule } from '../../kubeadm/certificates/due.ts';
import { isSameAuthority } from '../../kubeadm/host/kubeconfig-trust.ts';
import { clusterAuthority, type KubeadmHost } from '../../kubeadm/host/model.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { longestFirst } from './authority-ends.ts';

/** A row about the CAs by which the API server verifies a webhook, an API service or a conversion. */
export interface BundleRow {
  readonly object: string;
  /** Of those that have begun, the CA that ends last: until then the bundle still verifies something. */
  readonly certificate: Certificate | undefined;
  readonly condition: string;
  readonly reason: string;
  /** `ca` if the cluster's own CA is among them. */
  readonly authority: string | null;
}

const REMEDY = 'kplay does not renew it: that is up to whatever created it, such as cert-manager or a chart';

/** One row per bundle; none if the API did not answer. */
export function bundleRows(answer: ApiCertificates, host: KubeadmHost, rule: DueRule): readonly BundleRow[] {
  if (answer.state !== 'answered') return [];
  const own = clusterAuthority(host)?.certificate;
  return answer.bundles.map((bundle) => rowOf(bundle, own, rule));
}

function rowOf({ object, authorities }: CaBundle, own: Certificate | undefined, rule: DueRule): BundleRow {
  const [certificate] = longestFirst(authorities ?? [], rule);
  if (!authorities || !certificate)
    return {
      object,
      certificate: undefined,
      condition: 'unreadable',
      reason: 'its caBundle contains no certificate',
      authority: null,
    };
  const condition = conditionByTime(certificate, rule);
  const isOwn = authorities.some((one) => isSameAuthority(one, own));
  return {
    object,
    certificate,
    condition,
    reason: condition === 'good' ? 'good' : `${condition}; ${REMEDY}`,
    authority: isOwn ? 'ca' : certificate.subject.commonName || null,
  };
}

/** Warns about kubelets that wait for their serving certificates: nothing in a kubeadm cluster approves their requests. */
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

/** Which objects could not be listed and why, as a clause; null if all were. */
export function unaskedReason(answer: ApiCertificates): JsonObject[string] {
  if (answer.state === 'no answer') return answer.reason;
  if (answer.incomplete.length === 0) return null;
  return answer.incomplete.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ');
}
