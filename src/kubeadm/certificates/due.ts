import { formatDuration, parseDuration } from '../../core/duration.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { isoDate } from '../../pki/time.ts';
import { validityAt } from '../../pki/verify.ts';
import { leafOf } from '../host/interpret.ts';
import { isConfAside } from '../host/kubelet-files.ts';
import type { Credential, KubeadmHost } from '../host/model.ts';
import type { CredentialName } from '../table.ts';
import type { Condition, ConditionByTime } from './condition.ts';
import { missingNames, rejectionOf } from './lacking.ts';

/**
 * The rule, shared by all steps, for which leaf certificates have to be renewed. What is not due is not touched, so a second
 * run finds nothing to do.
 */

/** `30d`: whatever expires within that time; `0s`: only what has expired; `all`: everything. */
export type RenewBefore = { readonly all: true } | { readonly all: false; readonly milliseconds: number };

/** @throws {RangeError} when the text is neither a duration nor `all`. */
export function parseRenewBefore(text: string): RenewBefore {
  return text === 'all' ? { all: true } : { all: false, milliseconds: parseDuration(text) };
}

export interface Assessment {
  readonly condition: Condition;
  /** Whether it has to be renewed. */
  readonly due: boolean;
  /** Why, or why not, in a clause. */
  readonly reason: string;
}

export interface DueRule {
  readonly renewBefore: RenewBefore;
  /** The reference time for `renewBefore`: the same for a whole run and its plan. */
  readonly now: Date;
  /**
   * When the host was observed, which may be long after `now`: a certificate is not yet valid if it begins after this time.
   * Certificates made by the run itself begin after `now`.
   */
  readonly seenAt?: Date;
  /** Names that the API server's certificate must have in addition. */
  readonly extraNames: readonly string[];
  /** Certificates that this run has renewed already: `all` does not renew them again. */
  readonly renewed: ReadonlySet<CredentialName>;
  /** Whether certificates of CAs that are kept elsewhere can be due. */
  readonly elsewhere?: boolean;
}

/** A rule by which only expired certificates are due. */
export function onlyExpired(now: Date): DueRule {
  return { renewBefore: { all: false, milliseconds: 0 }, now, extraNames: [], renewed: new Set() };
}

/** A leaf that ends this close to its CA is not due: a new one from the same CA would not last longer. */
const ENDS_WITH_AUTHORITY_MS = 3_600_000;

/** The state of a leaf certificate, and whether it is due. */
export function assess(credential: Credential, rule: DueRule): Assessment {
  const assessment = assessOwn(credential, rule);
  if (assessment.due && credential.isOthers)
    return { ...assessment, due: false, reason: `${assessment.reason}; ${credential.authority} has not signed it` };
  if (!assessment.due || !credential.signedElsewhere || rule.elsewhere) return assessment;
  return {
    ...assessment,
    due: false,
    reason: `${assessment.reason}; etcd is external: its own CA has to sign a new one`,
  };
}

function assessOwn(credential: Credential, rule: DueRule): Assessment {
  const { holding } = credential;
  if (credential.name === 'kubelet-client' && isConfAside(credential))
    return { condition: 'missing', due: true, reason: 'kubelet.conf was moved aside by a bootstrap, and is not back' };
  switch (holding.state) {
    case 'planned':
      return { condition: 'planned', due: false, reason: 'made by this run' };
    case 'absent':
      return (
        withoutCertificate(credential, rule) ?? {
          condition: 'missing',
          due: true,
          reason: `${credential.certificatePath} is missing`,
        }
      );
    case 'unreadable':
      return { condition: 'unreadable', due: true, reason: `${credential.certificatePath}: ${holding.reason}` };
    case 'hidden':
      return { condition: 'not readable', due: false, reason: `${credential.certificatePath} is not readable` };
    case 'present':
      return assessPresent(credential, rule);
  }
}

/** All due leaf certificates of a host, in the order of kubeadm's table. `assessKubelet` decides about kubelet's own. */
export function dueCredentials(host: KubeadmHost, rule: DueRule): readonly Credential[] {
  return host.credentials.filter((credential) => credential.kind !== 'kubelet' && assess(credential, rule).due);
}

/**
 * kubelet's client certificate: kubelet renews it by itself while it is valid, so it is due only when kubelet no longer can,
 * or is not configured to (or with `all`). The serving pair is reported and never due: kubelet makes it, self-signed, and
 * nobody verifies it.
 */
export function assessKubelet(credential: Credential, rule: DueRule): Assessment {
  const assessment = assess(credential, rule);
  if (!assessment.due) return assessment;
  if (credential.name !== 'kubelet-client')
    return { ...assessment, due: false, reason: `${assessment.reason}; kubelet makes a new one when it is deleted` };
  if (assessment.condition !== 'expiring' || rule.renewBefore.all || assessOfOldAuthority(credential, rule))
    return assessment;
  const { reason } = assessment;
  if (credential.isNeverRotated)
    return { ...assessment, reason: `${reason}; kubelet does not renew it (rotateCertificates is off)` };
  const explanation = isOverdue(credential, rule)
    ? 'kubelet should have renewed it by now'
    : 'kubelet renews it by itself';
  return { ...assessment, due: false, reason: `${reason}; ${explanation}` };
}

/** kubelet requests a new one after 70 to 90 per cent of its lifetime (client-go util/certificate, nextRotationDeadline). */
const ROTATED_WITHIN = 0.9;

/** Whether kubelet should have renewed its client certificate by now: something keeps it from that, or it was off until just now. */
export function isOverdue({ holding }: Credential, { now }: DueRule): boolean {
  const leaf = leafOf(holding);
  if (!leaf) return false;
  return now.getTime() > leaf.notBefore + ROTATED_WITHIN * (leaf.notAfter - leaf.notBefore);
}

/** kplay does not renew kubeconfigs whose user has no embedded certificate (but a token, a command, a file). */
function withoutCertificate(credential: Credential, rule: DueRule): Assessment | undefined {
  const { kind, files, kubeconfig, named, certificatePath } = credential;
  if (kind !== 'kubeconfig' || files.length === 0 || !kubeconfig) return undefined;
  if (!named) return { condition: 'good', due: false, reason: 'its user has no embedded certificate' };
  const { condition, reason } = assessNamed(named, rule);
  return {
    condition,
    due: false,
    reason: `${reason}; ${certificatePath} names that file, and kplay does not renew it`,
  };
}

/** By its dates alone: whoever keeps a certificate in such a file may have it signed by whom they like. */
function assessNamed(
  { path, holding }: NonNullable<Credential['named']>,
  rule: DueRule,
): Pick<Assessment, 'condition' | 'reason'> {
  const certificate = leafOf(holding);
  if (!certificate) {
    if (holding.state === 'hidden') return { condition: 'not readable', reason: `${path} is not readable` };
    if (holding.state === 'unreadable') return { condition: 'unreadable', reason: `${path}: ${holding.reason}` };
    return { condition: 'not readable', reason: `${path} is missing, or was not read` };
  }
  const ends = isoDate(certificate.notAfter);
  const condition = conditionByTime(certificate, rule);
  if (condition === 'not yet valid') return { condition, reason: `${path} is not valid yet` };
  return { condition, reason: `${path} ${condition === 'expired' ? 'expired' : 'expires'} ${ends}` };
}

/** Whether a certificate was already valid when it was observed. */
export function hasBegun({ notBefore }: Certificate, { now, seenAt = now }: Pick<DueRule, 'now' | 'seenAt'>): boolean {
  return notBefore <= Math.max(now.getTime(), seenAt.getTime());
}

/**
 * The condition of a certificate that no step renews, by its time alone: as in Go's crypto/x509 it is valid until and including its last
 * moment.
 */
export function conditionByTime(
  certificate: Certificate,
  rule: Pick<DueRule, 'now' | 'seenAt' | 'renewBefore'>,
): ConditionByTime {
  const { now, renewBefore } = rule;
  if (validityAt(certificate, now.getTime()) === 'expired') return 'expired';
  if (!hasBegun(certificate, rule)) return 'not yet valid';
  const left = certificate.notAfter - now.getTime();
  return !renewBefore.all && left < renewBefore.milliseconds ? 'expiring' : 'good';
}

function assessPresent(credential: Credential, rule: DueRule): Assessment {
  const certificate = leafOf(credential.holding);
  if (!certificate) throw new Error(`${credential.name} is not present`);
  const now = rule.now.getTime();
  const ends = isoDate(certificate.notAfter);
  if (credential.key === 'absent') return { condition: 'key missing', due: true, reason: missingKey(credential) };
  if (credential.key === 'encrypted') {
    const reason = `${credential.keyPath} is encrypted: Kubernetes cannot read it`;
    return { condition: 'key encrypted', due: true, reason };
  }
  if (credential.key === 'mismatch') {
    return { condition: 'key mismatch', due: true, reason: 'its private key belongs to another certificate' };
  }
  if (credential.signedByAuthority === false && !credential.isOthers) {
    return { condition: 'foreign signer', due: true, reason: `it is not signed by ${credential.authority}` };
  }
  if (credential.isMisnamed) {
    const reason = `it does not name ${credential.authority} as its issuer in the way in which that is written now: Kubernetes rejects it`;
    return { condition: 'foreign signer', due: true, reason };
  }
  if (validityAt(certificate, now) === 'expired') return { condition: 'expired', due: true, reason: `expired ${ends}` };
  if (!hasBegun(certificate, rule)) return { condition: 'not yet valid', due: true, reason: 'it is not valid yet' };
  const old = assessOfOldAuthority(credential, rule);
  if (old) return old;
  const rejected = rejectionOf(credential.name, certificate, credential.unverified);
  if (rejected) return { ...rejected, due: true };
  const missing = credential.name === 'apiserver' ? missingNames(credential, rule.extraNames) : [];
  if (missing.length > 0) return { condition: 'name missing', due: true, reason: `it lacks ${missing.join(', ')}` };
  if (rule.renewBefore.all) {
    return rule.renewed.has(credential.name)
      ? { condition: 'good', due: false, reason: `made by this run, good until ${ends}` }
      : { condition: 'expiring', due: true, reason: `expires ${ends}, renew_before is all` };
  }
  const left = certificate.notAfter - now;
  if (left < rule.renewBefore.milliseconds) {
    return endsWithAuthority(credential, certificate.notAfter)
      ? {
          condition: 'expiring',
          due: false,
          reason: `expires ${ends} together with ${credential.authority}: only a new CA would help`,
        }
      : { condition: 'expiring', due: true, reason: `expires ${ends}, in ${formatDuration(left)}` };
  }
  if (credential.key === 'hidden')
    return { condition: 'key not readable', due: false, reason: `${credential.keyPath} is not readable` };
  return { condition: 'good', due: false, reason: `good until ${ends}` };
}

/**
 * While a CA is replaced, its file contains the new one before the old one, and leaves of the old one may outlast it: kubeadm does not
 * shorten them. From the end of their CA on everybody rejects them.
 */
function assessOfOldAuthority(
  { authority, signerEnd, authorityEnd }: Credential,
  { now, renewBefore }: DueRule,
): Assessment | undefined {
  if (signerEnd === undefined || authorityEnd === undefined || signerEnd >= authorityEnd) return undefined;
  if (authorityEnd < now.getTime()) return undefined;
  const left = signerEnd - now.getTime();
  const its = `an older CA of ${authority} has signed it, which`;
  if (left < 0) return { condition: 'CA expired', due: true, reason: `${its} expired ${isoDate(signerEnd)}` };
  if (renewBefore.all || left >= renewBefore.milliseconds) return undefined;
  return {
    condition: 'expiring',
    due: true,
    reason: `${its} expires ${isoDate(signerEnd)}, in ${formatDuration(left)}`,
  };
}

function endsWithAuthority({ authorityEnd = Number.POSITIVE_INFINITY }: Credential, notAfter: number): boolean {
  return notAfter >= authorityEnd - ENDS_WITH_AUTHORITY_MS;
}

/** Whether a new leaf that ends at `notAfter`, in milliseconds since the epoch, would immediately be due. */
export function isDueAtOnce(
  credential: Credential,
  notAfter: number,
  { renewBefore, now }: Pick<DueRule, 'renewBefore' | 'now'>,
): boolean {
  if (renewBefore.all || notAfter - now.getTime() >= renewBefore.milliseconds) return false;
  const isRotated = credential.kind === 'kubelet' && !credential.isNeverRotated;
  return !isRotated && !endsWithAuthority(credential, notAfter);
}

/** The file of the key may exist all the same, and contain only the certificate. */
function missingKey({ keyPath, files }: Credential): string {
  return files.some(({ path }) => path === keyPath) ? `its private key is not in ${keyPath}` : `${keyPath} is missing`;
}
