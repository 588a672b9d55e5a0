import type { JsonObject } from '../../core/json.ts';
import type { Condition } from '../../kubeadm/certificates/due.ts';
import type { Certificate } from '../../pki/certificate.ts';
import type { BundleRow } from './ca-bundles.ts';
import type { GivenRow } from './given-kubeconfigs.ts';
import type { CertificateView } from './parameters.ts';
import type { TrustRow } from './trusted-authorities.ts';

/** Whether it is due cannot be said. */
export const UNSAYABLE: ReadonlySet<Condition> = new Set(['not readable', 'key not readable']);

/** Of a kubeconfig that was given by its path: `user` tells such a row from those of kubeadm's own. */
export function givenRow({ certificate, ...row }: GivenRow, view: CertificateView): JsonObject {
  return {
    name: row.name,
    path: row.path,
    ...endOf(certificate, view),
    condition: row.condition,
    due: UNSAYABLE.has(row.condition) ? null : false,
    reason: row.reason,
    served: null,
    served_ends: null,
    authority: row.authority,
    ...contentOf(certificate),
    user: row.user,
  };
}

/** Of an object of the API: `object` tells such a row from those of files. */
export function bundleRow({ certificate, object, ...row }: BundleRow, view: CertificateView): JsonObject {
  return {
    name: object,
    path: null,
    ...endOf(certificate, view),
    condition: row.condition,
    due: false,
    reason: row.reason,
    served: null,
    served_ends: null,
    authority: row.authority,
    ...contentOf(certificate),
    object,
  };
}

/** Of a CA in a kubeconfig. */
export function trustRow({ certificate, ...row }: TrustRow, view: CertificateView): JsonObject {
  return {
    name: row.name,
    path: row.path,
    cluster: row.cluster,
    ...endOf(certificate, view),
    condition: row.condition,
    reason: row.reason,
    authority: row.authority,
    ...identityOf(certificate),
  };
}

/** Which certificate it is, of a CA. */
export function identityOf(certificate: Certificate | undefined): JsonObject {
  return {
    subject: certificate?.subject.text ?? null,
    serial: certificate?.serial ?? null,
    fingerprint: certificate?.fingerprint ?? null,
  };
}

/** When it ends; null where there is none. */
export function endOf(certificate: Certificate | undefined, view: CertificateView): JsonObject {
  return {
    ends: certificate ? new Date(certificate.notAfter).toISOString() : null,
    days_left: certificate ? daysLeft(certificate.notAfter, view) : null,
  };
}

/** What it says besides. */
export function contentOf(certificate: Certificate | undefined): JsonObject {
  return {
    subject: certificate?.subject.text ?? null,
    sans: certificate ? [...certificate.dnsNames, ...certificate.ipAddresses, ...certificate.otherNames] : [],
    key: certificate?.key ?? null,
    serial: certificate?.serial ?? null,
  };
}

const DAY_MS = 86_400_000;

/** Whole days until a certificate ends; negative when it has, and then those that have passed since, at least one. */
function daysLeft(notAfter: number, { rule }: CertificateView): number {
  const days = (notAfter - rule.now.getTime()) / DAY_MS;
  return days < 0 ? Math.min(-1, Math.trunc(days)) : Math.floor(days);
}
