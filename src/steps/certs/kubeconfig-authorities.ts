import { baseName } from '../../core/host-path.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { GivenKubeconfig } from '../../facts/certificates/given-kubeconfigs.ts';
import { conditionByTime, type DueRule } from '../../kubeadm/certificates/due.ts';
import type { HomeKubeconfig } from '../../kubeadm/certificates/home.ts';
import { certificatesIn, type KubeconfigCluster } from '../../kubeadm/host/kubeconfig.ts';
import { isRenamed, isSameAuthority, KEEP_NAME } from '../../kubeadm/host/kubeconfig-trust.ts';
import { type Authority, clusterAuthority, type Holding, type KubeadmHost } from '../../kubeadm/host/model.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { trustPath } from '../../pki/chain.ts';
import { isoDate } from '../../pki/time.ts';
import { embedding, setAuthority } from '../gates/trust-gate.ts';
import { longestFirst } from './authority-ends.ts';
import type { CertificateView } from './parameters.ts';

/** A row about the CA in a kubeconfig, by which its user verifies the API server. No renewal changes it. */
export interface TrustRow {
  /** `CA in admin.conf`; for other kubeconfigs their path, and the cluster if there are several. */
  readonly name: string;
  readonly path: string;
  /** The name in the kubeconfig. */
  readonly cluster: string;
  /** Of several CAs, the cluster's own, or else the one that ends last; one that has not begun only if there is no other. */
  readonly certificate: Certificate | undefined;
  readonly condition: 'good' | 'expiring' | 'expired' | 'not yet valid' | 'unreadable' | 'another CA';
  readonly reason: string;
  /** `ca` if it is the cluster's own, or else its name. */
  readonly authority: string | null;
}

/** The CAs of a cluster in a kubeconfig, and whether that is the cluster of the host. */
interface Trust extends Pick<TrustRow, 'name' | 'path' | 'cluster'> {
  readonly authorities: Holding;
  readonly isOfCluster: boolean;
}

/** For kubeadm's kubeconfigs, for those of users if they are for this cluster, and for all named ones. */
export function trustRows(
  { host, homes, rule }: Pick<CertificateView, 'host' | 'homes' | 'rule'>,
  given: readonly GivenKubeconfig[],
): readonly TrustRow[] {
  const ca = clusterAuthority(host);
  const all: readonly Trust[] = [
    ...host.trust.map((trust) => ({ ...trust, name: baseName(trust.path), isOfCluster: true })),
    ...homes.flatMap((home) => homeTrust(home, ca)),
    ...given.flatMap((file) => (file.state === 'read' ? trustIn(file.path, file.clusters, ca) : [])),
  ];
  // A named kubeconfig may be one of the others.
  const byCluster = new Map(all.toReversed().map((trust) => [JSON.stringify([trust.path, trust.cluster]), trust]));
  return [...byCluster.values()].toReversed().flatMap((trust) => rowOf(trust, ca, rule));
}

/** Entries for other clusters in a user's kubeconfig do not count. */
function homeTrust({ path, read }: HomeKubeconfig, ca: Authority | undefined): readonly Trust[] {
  return trustIn(path, read?.clusters ?? [], ca).filter(({ isOfCluster }) => isOfCluster);
}

function trustIn(path: string, clusters: readonly KubeconfigCluster[], ca: Authority | undefined): readonly Trust[] {
  return clusters.map(({ name, authorities, clients }) => ({
    name: clusters.length === 1 ? path : `${path} (${name})`,
    path,
    cluster: name,
    authorities,
    isOfCluster:
      certificatesIn(authorities).some((one) => isSameAuthority(one, ca?.certificate)) ||
      (ca !== undefined && clients.some((client) => trustPath(client, [], ca.bundle) !== undefined)),
  }));
}

function rowOf(
  { authorities, isOfCluster, name, path, cluster }: Trust,
  ca: Authority | undefined,
  rule: DueRule,
): readonly TrustRow[] {
  const row = { name: `CA in ${name}`, path, cluster };
  if (authorities.state === 'unreadable') {
    const { reason } = authorities;
    return [{ ...row, certificate: undefined, condition: 'unreadable', reason, authority: null }];
  }
  const all = longestFirst(certificatesIn(authorities), rule);
  const own = all.find((one) => isSameAuthority(one, ca?.certificate));
  const certificate = own ?? all[0];
  if (!certificate) return [];
  const isOther = !own && isOfCluster && ca?.certificate !== undefined;
  const condition = isOther ? 'another CA' : conditionByTime(certificate, rule);
  const reason = condition === 'good' ? 'good' : `${condition}; kplay does not change it`;
  return [{ ...row, certificate, condition, reason, authority: own ? 'ca' : certificate.subject.commonName || null }];
}

/** Warns about kubeconfigs of this cluster whose users do not, or soon will not, trust its API servers. */
export function trustWarnings(rows: readonly TrustRow[], host: KubeadmHost): readonly PlanWarning[] {
  const ca = clusterAuthority(host);
  return rows.flatMap((row): readonly PlanWarning[] => {
    const { name, certificate, condition, authority } = row;
    if (ca?.certificate && condition === 'unreadable') return damageWarning(row, host, ca);
    if (!ca?.certificate || !certificate || condition === 'good' || condition === 'not yet valid') return [];
    // The end of the CA itself is reported elsewhere.
    if (condition !== 'another CA' && (authority !== 'ca' || certificate.fingerprint === ca.certificate.fingerprint))
      return [];
    const day = isoDate(certificate.notAfter);
    const what =
      condition === 'another CA'
        ? `${name} (${certificate.subject.text}) ${differenceFrom(certificate, ca)}`
        : `${name} is an older certificate of the cluster's CA, and ${condition === 'expired' ? 'expired' : 'expires'} ${day}`;
    const isLeftByName =
      isRenamed(certificate, ca.certificate) && host.credentials.some(({ isMisnamed }) => isMisnamed);
    const remedy = isLeftByName
      ? KEEP_NAME
      : `put the cluster's CA there, and restart what uses it: ${setAuthority(row, ca.certificatePath)}`;
    return [{ message: what, remedy }];
  });
}

/** Only of kubeadm's own: whose cluster another kubeconfig is for, a damaged CA does not tell. */
function damageWarning(
  { path, reason }: TrustRow,
  { trust }: KubeadmHost,
  { certificatePath }: Authority,
): readonly PlanWarning[] {
  const own = trust.find((one) => one.path === path);
  if (!own) return [];
  return [
    {
      message: `nothing can connect with ${path}: the CA in it cannot be read: ${reason}`,
      remedy: `${embedding(own, certificatePath)}, and restart what reads it`,
    },
  ];
}

function differenceFrom(other: Certificate, { bundle, certificate, certificatePath }: Authority): string {
  const rejects = 'users of this kubeconfig reject API servers whose certificates';
  if (bundle.some((one) => isSameAuthority(one, other)))
    return `is in ${certificatePath}, but the first one there signs: ${rejects} that one has signed`;
  return isRenamed(other, certificate)
    ? `has the key of ${certificatePath}, but its name is another one, or encoded differently: ${rejects} are signed in the name of the latter`
    : `is not the CA of this cluster: ${rejects} the cluster's CA has signed`;
}
