import { DAY_MS } from '../../core/duration.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Condition } from '../../kubeadm/certificates/condition.ts';
import type { Certificate } from '../../pki/certificate.ts';
import type { BundleRow } from './ca-bundles.ts';
import type { GivenRow } from './given-kubeconfigs.ts';
import type { TrustRow } from './kubeconfig-authorities.ts';
import type { CertificateView } from './parameters.ts';

/** Conditions in which it is unknown whether the certificate is due. */
export const UNDECIDABLE: ReadonlySet<Condition> = new Set(['not readable', 'key not readable']);

/** A row for a kubeconfig that is not kubeadm's own: `user` distinguishes it. */
export function givenRow({ certificate, ...row }: GivenRow, view: CertificateView): JsonObject {
  return {
    name: row.name,
    path: row.path,
    ...endColumns(certificate, view),
    condition: row.condition,
    due: UNDECIDABLE.has(row.condition) ? null : row.due === true,
    reason: row.reason,
    served: null,
    served_ends: null,
    authority: row.authority,
    ...contentColumns(certificate),
    user: row.user,
  };
}

/** A row for an object of the API: `object` distinguishes it from files. */
export function bundleRow({ certificate, object, ...row }: BundleRow, view: CertificateView): JsonObject {
  return {
    name: object,
    path: null,
    ...endColumns(certificate, view),
    condition: row.condition,
    due: false,
    reason: row.reason,
    served: null,
    served_ends: null,
    authority: row.authority,
    ...contentColumns(certificate),
    object,
  };
}

/** A row for a CA in a kubeconfig. */
export function trustRow({ certificate, ...row }: TrustRow, view: CertificateView): JsonObject {
  return {
    name: row.name,
    path: row.path,
    cluster: row.cluster,
    ...endColumns(certificate, view),
    condition: row.condition,
    reason: row.reason,
    authority: row.authority,
    ...identityColumns(certificate),
  };
}

/** The identity of a CA. */
export function identityColumns(certificate: Certificate | undefined): JsonObject {
  return {
    subject: certificate?.subject.text ?? null,
    serial: certificate?.serial ?? null,
    fingerprint: certificate?.fingerprint ?? null,
    public_key: certificate?.publicKeyHash ?? null,
  };
}

/** The end of its validity; null if there is no certificate. */
export function endColumns(certificate: Certificate | undefined, view: CertificateView): JsonObject {
  return {
    ends: certificate ? new Date(certificate.notAfter).toISOString() : null,
    days_left: certificate ? daysLeft(certificate.notAfter, view) : null,
  };
}

/** The contents of a certificate. */
export function contentColumns(certificate: Certificate | undefined): JsonObject {
  return {
    subject: certificate?.subject.text ?? null,
    sans: certificate ? [...certificate.dnsNames, ...certificate.ipAddresses, ...certificate.otherNames] : [],
    key: certificate?.key ?? null,
    serial: certificate?.serial ?? null,
  };
}

/** Whole days until a certificate ends. After that, the negative number of days since, at least -1. */
function daysLeft(notAfter: number, { rule }: CertificateView): number {
  const days = (notAfter - rule.now.getTime()) / DAY_MS;
  return days < 0 ? Math.min(-1, Math.trunc(days)) : Math.floor(days);
}
