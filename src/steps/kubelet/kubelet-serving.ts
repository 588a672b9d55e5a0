import type { PlanWarning } from '../../core/plan.ts';
import { assess, assessKubelet, type DueRule, isOverdue } from '../../kubeadm/certificates/due.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { confAsideRefusal } from '../gates/kubelet-gate.ts';

interface KubeletServing {
  readonly credential: Credential;
  /**
   * kubelet itself, when it starts without one; the cluster, from which kubelet requests it (serverTLSBootstrap); or whoever
   * put it there.
   */
  readonly signedBy: 'kubelet' | 'cluster' | 'others';
}

/** The serving certificate of kubelet; undefined if it has none in its own directory. */
export function kubeletServing({ credentials }: KubeadmHost): KubeletServing | undefined {
  const credential = credentials.find(({ name }) => name === 'kubelet-server');
  if (!credential) return undefined;
  if (credential.certificatePath.endsWith('.pem')) return { credential, signedBy: 'cluster' };
  // An unreadable or planned certificate is kubelet's own: it makes what is missing.
  const isOthers = credential.holding.state === 'present' && !credential.selfSigned;
  return { credential, signedBy: isOthers ? 'others' : 'kubelet' };
}

const APPROVAL =
  'kubelet requests a new one by itself; approve it: kubectl get csr, then kubectl certificate approve NAME for those of kubernetes.io/kubelet-serving';

/** Warns if kubelet's serving certificate has expired or soon will: metrics may be refused, the cluster keeps working. */
export function servingWarnings(host: KubeadmHost, rule: DueRule): readonly PlanWarning[] {
  const found = kubeletServing(host);
  if (!found) return [];
  const { due, reason } = assess(found.credential, rule);
  if (!due) return [];
  const remedy =
    found.signedBy === 'cluster'
      ? APPROVAL
      : found.signedBy === 'kubelet'
        ? 'add a kubelet.regenerate task to make kubelet replace it, or leave it: nobody can verify it'
        : `get a new one from its issuer: kubelet serves what it finds at ${found.credential.certificatePath}`;
  return [{ message: `kubelet's serving certificate: ${reason}`, remedy }];
}

/** Warns if kubelet does not renew its client certificate although it is time: the node is lost when that expires. */
export function rotationWarnings({ credentials }: KubeadmHost, rule: DueRule): readonly PlanWarning[] {
  const client = credentials.find(({ name }) => name === 'kubelet-client');
  if (!client) return [];
  const { condition, due, reason } = assessKubelet(client, rule);
  if (due || condition !== 'expiring' || !isOverdue(client, rule)) return [];
  return [
    {
      message: `kubelet's client certificate ${reason}`,
      remedy:
        'check whether the cluster signs its requests: kubectl get csr, journalctl -u kubelet | grep -i certificate; once expired, it is renewed like the others',
    },
  ];
}

/** Warns if kubelet.conf is missing because a bootstrap has moved it: kubelet does not start without it. */
export function confAsideWarnings(host: KubeadmHost): readonly PlanWarning[] {
  const aside = confAsideRefusal(host);
  return aside ? [{ message: aside.reason, remedy: aside.remedy }] : [];
}
