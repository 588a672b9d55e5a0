import type { PlanWarning } from '../../core/plan.ts';
import type { GivenKubeconfig } from '../../facts/certificates/given-kubeconfigs.ts';
import type { Condition } from '../../kubeadm/certificates/condition.ts';
import { assess, conditionByTime, type DueRule } from '../../kubeadm/certificates/due.ts';
import { type HomeEntry, homeEntries, homeEntryIsDue } from '../../kubeadm/certificates/home.ts';
import { rejectionOf } from '../../kubeadm/certificates/lacking.ts';
import { signedBy } from '../../kubeadm/host/credential-state.ts';
import type { KubeconfigUser } from '../../kubeadm/host/kubeconfig.ts';
import { haveCommonAuthority } from '../../kubeadm/host/kubeconfig-trust.ts';
import { clusterAuthority, type Holding, type KubeadmHost } from '../../kubeadm/host/model.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { leadsTo, trustPath } from '../../pki/chain.ts';
import type { CertificateView } from './parameters.ts';

/**
 * A row about a certificate in a kubeconfig that is not kubeadm's own. In one that the user named by path it is never due, because no step
 * renews it.
 */
export interface GivenRow {
  readonly name: string;
  readonly path: string;
  readonly user: string | null;
  readonly certificate: Certificate | undefined;
  readonly condition: Condition;
  readonly reason: string;
  /** `ca` if the CA of the host has signed it, or else the name of its issuer. */
  readonly authority: string | null;
  readonly due?: true;
}

/**
 * Copies of admin.conf in the homes of `kubeconfig_users` that are due although admin.conf is not: whoever renewed it, these users still have
 * the old certificate. Other copies are as good as the original, which has a row.
 */
export function homeRows(
  { host, homes, rule }: Pick<CertificateView, 'host' | 'homes' | 'rule'>,
  given: readonly GivenKubeconfig[],
): readonly GivenRow[] {
  const named = new Set(given.map(({ path }) => path));
  return homes
    .filter(({ path }) => !named.has(path))
    .flatMap((home) => homeEntries(host, home))
    .filter((entry) => entry.entry.lines && isLeftBehind(entry, rule))
    .map(({ home: { path, read }, entry, source }): GivenRow => {
      const { certificate, condition, authority } = judged(entry, host, rule);
      const name = read?.users.length === 1 ? path : `${path} (${entry.name})`;
      const reason = `${condition}; a renewal copies ${source.name} there`;
      return { name, path, user: entry.name, certificate, condition, authority, reason, due: true };
    });
}

function isLeftBehind(copy: HomeEntry, rule: DueRule): boolean {
  const { source } = copy;
  return source.holding.state === 'present' && !assess(source, rule).due && homeEntryIsDue(copy, rule);
}

/** A row for each user certificate in named kubeconfigs, or one for a file that cannot be read. None for a file that does not exist. */
export function givenRows(given: readonly GivenKubeconfig[], host: KubeadmHost, rule: DueRule): readonly GivenRow[] {
  return given.flatMap((file) => rowsOf(file, host, rule));
}

function rowsOf(file: GivenKubeconfig, host: KubeadmHost, rule: DueRule): readonly GivenRow[] {
  const whole = { name: file.path, path: file.path, user: null, certificate: undefined, authority: null };
  switch (file.state) {
    case 'absent':
      return [];
    case 'not readable':
      return [{ ...whole, condition: 'not readable', reason: 'it is not readable' }];
    case 'unreadable':
      return [{ ...whole, condition: 'unreadable', reason: file.reason }];
    case 'read':
      return file.users.map((user) => {
        const name = file.users.length === 1 ? file.path : `${file.path} (${user.name})`;
        return { ...whole, name, user: user.name, ...judged(user, host, rule) };
      });
  }
}

const REMEDY = 'kplay does not renew it: copy the new admin.conf there, or get a new certificate signed';

function judged(
  { holding, authorities: trusted }: KubeconfigUser,
  host: KubeadmHost,
  rule: DueRule,
): Pick<GivenRow, 'certificate' | 'condition' | 'reason' | 'authority'> {
  if (holding.state !== 'present') {
    const reason = holding.state === 'unreadable' ? holding.reason : 'it contains no certificate';
    return { certificate: undefined, condition: 'unreadable', reason, authority: null };
  }
  const { certificate, chain } = holding;
  const ca = clusterAuthority(host);
  const isSigned = ca !== undefined && leadsTo(certificate, chain, ca.bundle);
  const isOfCluster =
    ca !== undefined &&
    (haveCommonAuthority(trusted, ca.bundle) || trustPath(certificate, chain, ca.bundle) !== undefined);
  const authority = isSigned ? 'ca' : certificate.issuer.commonName || null;
  // A kubeconfig may be for another cluster than that of this host.
  const condition = isOfCluster && !isSigned ? 'foreign signer' : conditionOfClient(holding, host, rule);
  const reason = condition === 'good' ? 'good' : `${condition}; ${REMEDY}`;
  return { certificate, condition, reason, authority };
}

/** Users of kubeconfigs are clients, whatever their names. */
function conditionOfClient(
  holding: Extract<Holding, { readonly state: 'present' }>,
  { authorities }: KubeadmHost,
  rule: DueRule,
): Condition {
  const { certificate } = holding;
  const condition = conditionByTime(certificate, rule);
  if (condition !== 'good' && condition !== 'expiring') return condition;
  const { unverified } = signedBy(authorities, 'ca', holding);
  return rejectionOf('admin.conf', certificate, unverified)?.condition ?? condition;
}

/** Warns about named files without anything to show. */
export function givenWarnings(given: readonly GivenKubeconfig[]): readonly PlanWarning[] {
  return given.flatMap((file): readonly PlanWarning[] => {
    if (file.state !== 'read' || file.users.length > 0) return [];
    const message = `${file.path} contains no user certificate: its users log in with something else, or with certificates in other files`;
    return [{ message, remedy: 'leave it out, or name a kubeconfig that contains the certificate itself' }];
  });
}

/** The named files that do not exist. */
export function absentPaths(given: readonly GivenKubeconfig[]): readonly string[] {
  return given.flatMap(({ path, state }) => (state === 'absent' ? [path] : []));
}

/** The named files that the session may not read, with its user. */
export function unreadableKubeconfigs(given: readonly GivenKubeconfig[]): KubeadmHost['hidden'] {
  const hidden = given.flatMap((file) => (file.state === 'not readable' ? [file] : []));
  const [first] = hidden;
  return first && { user: first.user, paths: hidden.map(({ path }) => path) };
}
