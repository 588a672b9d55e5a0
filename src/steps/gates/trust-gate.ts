import { baseName } from '../../core/host-path.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { quoteWord } from '../../core/shell.ts';
import { haveCommonAuthority, isRenamed, isSameAuthority, KEEP_NAME } from '../../kubeadm/host/kubeconfig-trust.ts';
import { KUBELET_KUBECONFIG } from '../../kubeadm/host/kubelet-files.ts';
import { type Credential, clusterAuthority, type KubeadmHost, type KubeconfigTrust } from '../../kubeadm/host/model.ts';
import { servesByName } from '../../kubeadm/host/static-pod.ts';
import { readersOf } from '../../kubeadm/restarts/restart.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { leadsTo } from '../../pki/chain.ts';

/**
 * A restarted reader loads its kubeconfig again. If that trusts another CA than the one that signed the API server's
 * certificate, a reader that works with what it loaded long ago would stop working, and restoring files would not fix it. A
 * restarted API server may serve a certificate of another CA than before, so then all readers are checked.
 */
export function trustRefusal(host: KubeadmHost, restarted: readonly string[]): RefusePlan | undefined {
  const readers = restarted.includes('kube-apiserver') ? readersOf(host) : restarted;
  for (const reader of readers) {
    const foreign = foreignTrust(host, kubeconfigOf(host, reader));
    if (!foreign) continue;
    return {
      action: 'refuse',
      code: 'another-ca',
      reason: `${reader} would reject the API server: ${foreign.reason}`,
      remedy:
        foreign.remedy ??
        'find out which of the two is the cluster’s (kplay check shows both), and fix the other (a kubeconfig with kubectl config set-cluster); then run again',
    };
  }
  return undefined;
}

export interface ForeignTrust {
  readonly reason: string;
  /** What to do, if that is known. */
  readonly remedy: string | undefined;
  /** Puts the cluster's CAs into the kubeconfig. */
  readonly command: string;
}

/** Puts the CAs of a host into a kubeconfig. @param cluster its name there */
export function setAuthority(
  { path, cluster }: { readonly path: string; readonly cluster: string },
  certificatePath: string,
): string {
  return `kubectl config set-cluster ${quoteWord(cluster)} --kubeconfig ${quoteWord(path)} --certificate-authority ${quoteWord(certificatePath)} --embed-certs`;
}

/** How a kubeconfig gets the cluster's CA again. Of one whose data are not base64 kubectl would not even change anything. */
export function embedding({ path, authorityFile }: KubeconfigTrust, certificatePath: string): string {
  // Beside the name of a file, data would make it invalid.
  if (authorityFile !== undefined)
    return `replace ${authorityFile}, which ${path} names, by a copy of ${certificatePath}`;
  return `in ${path}, put the output of base64 -w0 ${quoteWord(certificatePath)} behind certificate-authority-data, in place of the CA there`;
}

/** Why the user of a kubeconfig rejects the certificate that the API server will serve; undefined if not, or if unknown. */
export function foreignTrust(host: KubeadmHost, path: string | undefined): ForeignTrust | undefined {
  const ca = clusterAuthority(host);
  const api = host.credentials.find(({ name }) => name === 'apiserver');
  const trust = host.trust.find((candidate) => candidate.path === path);
  if (!ca?.certificate || !api || !trust) return undefined;
  const command = setAuthority(trust, ca.certificatePath);
  if (trust.authorities.state === 'unreadable') {
    const reason = `the CA in ${baseName(trust.path)} cannot be read: ${trust.authorities.reason}`;
    return { reason, remedy: `${embedding(trust, ca.certificatePath)}; then run again`, command };
  }
  if (trust.authorities.state !== 'present') return undefined;
  if (servesByName(host.staticPods)) return undefined;
  const { certificate: first, chain } = trust.authorities;
  const trusted = [first, ...chain];
  if (trusted.some((one) => isSameAuthority(one, ca.certificate)) || willAccept(api, trusted)) return undefined;
  const place = ca.certificatePath;
  const isBundled = haveCommonAuthority(trusted, ca.bundle);
  const renamed = trusted.find((one) => isRenamed(one, ca.certificate));
  const inFile = `the CA in ${baseName(trust.path)} (${first.subject.text})`;
  if (isBundled)
    return {
      reason: `${inFile} is in ${place}, but the first one there signs`,
      remedy: `while a CA is replaced, every kubeconfig has to trust both before the new one signs: ${command}; then run again`,
      command,
    };
  if (!renamed) return { reason: `${inFile} is not that of ${place}, which signs for it`, remedy: undefined, command };
  const isLeftByName = api.holding.state === 'planned' && api.holding.replaces?.issuerHash === renamed.subjectHash;
  return {
    reason: `${inFile} has the key of ${place}, but its name is another one, or encoded differently`,
    remedy: isLeftByName ? `${KEEP_NAME}; then run again` : undefined,
    command,
  };
}

/**
 * Whether the leaf that the API server will serve leads to one of these CAs without the one that signs now. That may be an
 * intermediate one: clients know it only from the file of the leaf, even if they trust its root.
 */
export function willAccept({ holding }: Credential, trusted: readonly Certificate[]): boolean {
  if (holding.state === 'present') return leadsTo(holding.certificate, holding.chain, trusted);
  // A leaf that is not made yet cannot be followed to its signer; what will be in its file can.
  return holding.state === 'planned' && holding.chain.some((one) => leadsTo(one, holding.chain, trusted));
}

function kubeconfigOf({ staticPods }: KubeadmHost, reader: string): string | undefined {
  if (reader === 'kubelet') return KUBELET_KUBECONFIG;
  return staticPods.find(({ component }) => component === reader)?.kubeconfig;
}
