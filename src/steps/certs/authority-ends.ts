import { directoryOf } from '../../core/host-path.ts';
import type { PlanWarning } from '../../core/plan.ts';
import {
  beginText,
  CLOCK_REMEDY,
  restoreRemedy,
  unfitRemedy,
  unfitText,
} from '../../kubeadm/certificates/authority-refusal.ts';
import { conditionByTime, type DueRule, hasBegun } from '../../kubeadm/certificates/due.ts';
import { isSameAuthority } from '../../kubeadm/host/kubeconfig-trust.ts';
import type { Authority, KubeadmHost } from '../../kubeadm/host/model.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { isoDate } from '../../pki/time.ts';
import { validityAt } from '../../pki/verify.ts';

/** The CAs that a client trusts, by what they are good for: the one that ends last first, and those that have not begun behind the others. */
export function longestFirst(authorities: readonly Certificate[], rule: DueRule): readonly Certificate[] {
  const byEnd = authorities.toSorted((a, b) => b.notAfter - a.notAfter);
  return [true, false].flatMap((wanted) => byEnd.filter((one) => hasBegun(one, rule) === wanted));
}

/**
 * What is wrong with a file that should have a CA's certificate: it is beside pairs that this CA signs, where kubeadm has it. Undefined if
 * the host needs none there, or the session cannot see it.
 */
export function lostAuthority(
  { credentials, hidden }: KubeadmHost,
  { name, certificate, certificatePath, files }: Authority,
): 'missing' | 'unreadable' | undefined {
  const isNeeded = credentials.some(
    (leaf) =>
      leaf.kind === 'pair' &&
      leaf.authority === name &&
      directoryOf(leaf.certificatePath) === directoryOf(certificatePath),
  );
  const isHidden = hidden?.paths.some((path) => path === certificatePath || certificatePath.startsWith(`${path}/`));
  if (certificate || !isNeeded || isHidden) return undefined;
  return files.some(({ path }) => path === certificatePath) ? 'unreadable' : 'missing';
}

/**
 * Warns about a CA whose certificate is lost, is not valid yet, may not sign, has expired or soon will. In the last cases its leaves are not due, because
 * new ones could not last longer; those of a CA that another one replaces are.
 */
export function authorityWarnings(host: KubeadmHost, rule: DueRule): readonly PlanWarning[] {
  return host.authorities.flatMap((authority): readonly PlanWarning[] => {
    const { name, certificate, bundle } = authority;
    if (!certificate) return lostWarnings(host, authority);
    if (!hasBegun(certificate, rule)) return [{ message: beginText(authority, certificate), remedy: CLOCK_REMEDY }];
    // One that signs elsewhere may be of an old kind, which Go still trusts.
    const unfit = authority.key === 'match' ? unfitText(authority, certificate) : undefined;
    if (unfit !== undefined)
      return [{ message: `${unfit}: nothing can be renewed with it`, remedy: unfitRemedy(authority) }];
    const state = endState(certificate, rule);
    if (state === undefined) return replacedWarnings(host, authority, rule);
    // Of a CA that was prolonged both certificates may be there.
    const isOver = bundle.every(
      (one) => !isSameAuthority(one, certificate) || validityAt(one, rule.now.getTime()) === 'expired',
    );
    return [
      {
        message: `${name} itself ${state}: ${isOver ? 'nobody accepts what it has signed, whatever is shown as good' : 'no certificate that it signs can be valid for longer'}`,
        remedy: `replace the CA by hand${isOver ? '' : ', if possible before it expires'} (kubernetes.io: manual rotation of CA certificates)`,
      },
    ];
  });
}

function lostWarnings(host: KubeadmHost, authority: Authority): readonly PlanWarning[] {
  const lost = lostAuthority(host, authority);
  if (lost === undefined) return [];
  return [
    {
      message: `${authority.certificatePath} is ${lost}: what reads it does not start again, and nothing can be signed with it`,
      remedy: restoreRemedy(authority),
    },
  ];
}

function endState(certificate: Certificate, rule: DueRule): string | undefined {
  const condition = conditionByTime(certificate, rule);
  if (condition === 'good' || condition === 'not yet valid') return undefined;
  return `${condition === 'expired' ? 'expired' : 'expires'} ${isoDate(certificate.notAfter)}`;
}

/** Warns about older CAs of a file whose first one is good, if they have signed anything that is still in use. */
function replacedWarnings(
  { credentials }: KubeadmHost,
  { name, certificatePath, bundle }: Authority,
  rule: DueRule,
): readonly PlanWarning[] {
  return bundle.slice(1).flatMap((older): readonly PlanWarning[] => {
    const { notAfter, subject } = older;
    const signed = credentials.filter(({ authority, signerEnd }) => authority === name && signerEnd === notAfter);
    const state = endState(older, rule);
    if (state === undefined || signed.length === 0) return [];
    const names = signed.map((credential) => credential.name).join(', ');
    return [
      {
        message: `an older CA in ${certificatePath} (${subject.text}) ${state}: nobody accepts then what it has signed (${names})`,
        remedy: 'renew these: they are due, and the first CA in the file signs the new ones',
      },
    ];
  });
}
