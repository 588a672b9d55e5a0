import { directoryOf } from '../../core/host-path.ts';
import type { PlanWarning } from '../../core/plan.ts';
import { restoreRemedy } from '../../kubeadm/certificates/authority-refusal.ts';
import type { DueRule } from '../../kubeadm/certificates/due.ts';
import type { Authority, KubeadmHost } from '../../kubeadm/host/model.ts';
import { isoDate } from '../../pki/time.ts';

type AuthorityCondition = 'good' | 'expiring' | 'expired';

/** The condition of a CA that ends at `notAfter` (milliseconds since 1970), by the same rule as for leaves. */
export function authorityCondition(notAfter: number, { now, renewBefore }: DueRule): AuthorityCondition {
  const leftMs = notAfter - now.getTime();
  if (leftMs <= 0) return 'expired';
  return !renewBefore.all && leftMs <= renewBefore.milliseconds ? 'expiring' : 'good';
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
 * Warns about a CA whose certificate is lost, and about one that has expired or soon will. Its leaves are not due then, because new ones could
 * not last longer; those of a CA that another one replaces are.
 */
export function authorityWarnings(host: KubeadmHost, rule: DueRule): readonly PlanWarning[] {
  return host.authorities.flatMap((authority): readonly PlanWarning[] => {
    const { name, certificate } = authority;
    if (!certificate) return lostWarnings(host, authority);
    const state = endState(certificate.notAfter, rule);
    if (state === undefined) return replacedWarnings(host, authority, rule);
    return [
      { message: `${name} itself ${state}: no certificate that it signs can be valid for longer`, remedy: REMEDY },
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

function endState(notAfter: number, rule: DueRule): string | undefined {
  const condition = authorityCondition(notAfter, rule);
  if (condition === 'good') return undefined;
  return `${condition === 'expired' ? 'expired' : 'expires'} ${isoDate(notAfter)}`;
}

/** Warns about older CAs of a file whose first one is good, if they have signed anything that is still in use. */
function replacedWarnings(
  { credentials }: KubeadmHost,
  { name, certificatePath, bundle }: Authority,
  rule: DueRule,
): readonly PlanWarning[] {
  return bundle.slice(1).flatMap(({ notAfter, subject }): readonly PlanWarning[] => {
    const signed = credentials.filter(({ authority, signerEnd }) => authority === name && signerEnd === notAfter);
    const state = endState(notAfter, rule);
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

const REMEDY =
  'replace the CA by hand, if possible before it expires (kubernetes.io: manual rotation of CA certificates)';
