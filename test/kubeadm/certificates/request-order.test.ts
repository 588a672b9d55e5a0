import { describe, expect, test } from 'vitest';
import { orderRequests, type RequestParameters } from '../../../src/kubeadm/certificates/request-order.ts';
import { parseVersion } from '../../../src/kubeadm/version.ts';
import type { HostDescription } from '../support/host-files.ts';
import { describedHost } from '../support/raw-files.ts';

interface Case extends HostDescription {
  readonly wanted?: readonly string[];
  readonly keys?: RequestParameters['keys'];
  readonly kubeadm?: string;
  readonly extra?: readonly string[];
}

/** `apiserver kubeadm RSA-2048 kube-apiserver`: what is asked for, who makes it, and for whom. */
function ordered({ wanted = ['apiserver'], keys = 'auto', kubeadm, extra = [], ...host }: Case): readonly string[] {
  const described = describedHost(host);
  const result = orderRequests({
    host: described,
    credentials: described.credentials.filter(({ name }) => wanted.includes(name)),
    keys,
    extraNames: extra,
    nodeName: described.nodeName,
    kubeadm:
      kubeadm === 'none'
        ? { version: undefined, problem: 'there is no kubeadm on the host' }
        : { version: parseVersion(kubeadm ?? host.version ?? '1.33.13'), problem: undefined },
  });
  if ('action' in result) return [`refused: ${result.reason}`];
  return result.orders.map(({ credential, maker, keyAlgorithm, identity }) =>
    [credential.name, maker, keyAlgorithm, [...identity.organizations, identity.commonName].join('/')].join(' '),
  );
}

const OLD_GROUP = { 'apiserver-kubelet-client': { organizations: ['kubeadm:cluster-admins'] } };

describe('a key is made', () => {
  test.each<[what: string, wanted: Case, expected: string]>([
    ['by kubeadm, which would ask for the same', {}, 'apiserver kubeadm RSA-2048 kube-apiserver'],
    [
      'by kubeadm with names of the cluster’s own',
      { leaves: { apiserver: { names: ['api.example.org', '10.9.9.9'] } } },
      'apiserver kubeadm RSA-2048 kube-apiserver',
    ],
    [
      'by kubeadm for etcd',
      { wanted: ['etcd-peer'], leaves: { 'etcd-peer': { names: ['10.9.9.9'] } } },
      'etcd-peer kubeadm RSA-2048 master-1',
    ],
    [
      'by kubeadm with a name that is to be added',
      { extra: ['api.example.org'] },
      'apiserver kubeadm RSA-2048 kube-apiserver',
    ],
    ['by kubeadm 1.19', { version: '1.19.16' }, 'apiserver kubeadm RSA-2048 kube-apiserver'],
    ['by kplay where kubeadm is too old', { version: '1.18.20' }, 'apiserver kplay RSA-2048 kube-apiserver'],
    ['by kplay where there is none', { kubeadm: 'none' }, 'apiserver kplay RSA-2048 kube-apiserver'],
    ['by kplay when it is to make all', { keys: 'kplay' }, 'apiserver kplay RSA-2048 kube-apiserver'],
    [
      'by kplay under a CN of the cluster’s own',
      { leaves: { apiserver: { commonName: 'api' } } },
      'apiserver kplay RSA-2048 api',
    ],
    [
      'by kplay for old groups',
      { wanted: ['admin.conf'], leaves: { 'admin.conf': { organizations: ['system:masters'] } } },
      'admin.conf kplay RSA-2048 system:masters/kubernetes-admin',
    ],
    [
      'by kplay where this release of kubeadm gives no group',
      { version: '1.33.12', wanted: ['apiserver-kubelet-client'], leaves: OLD_GROUP },
      'apiserver-kubelet-client kplay RSA-2048 kubeadm:cluster-admins/kube-apiserver-kubelet-client',
    ],
    [
      'by kubeadm where this release gives that group',
      { version: '1.33.11', wanted: ['apiserver-kubelet-client'], leaves: OLD_GROUP },
      'apiserver-kubelet-client kubeadm RSA-2048 kubeadm:cluster-admins/kube-apiserver-kubelet-client',
    ],
    [
      'by kubeadm where neither has a group',
      { version: '1.33.12', wanted: ['apiserver-kubelet-client'] },
      'apiserver-kubelet-client kubeadm RSA-2048 kube-apiserver-kubelet-client',
    ],
    [
      'by kplay for kubelet',
      { wanted: ['kubelet-client'] },
      'kubelet-client kplay RSA-2048 system:nodes/system:node:master-1',
    ],
    [
      'by kubeadm for what is missing',
      { leaves: { apiserver: 'missing' } },
      'apiserver kubeadm RSA-2048 kube-apiserver',
    ],
    [
      'by kplay for what is missing, without a kubeadm',
      { leaves: { 'scheduler.conf': 'missing' }, wanted: ['scheduler.conf'], kubeadm: 'none' },
      'scheduler.conf kplay RSA-2048 system:kube-scheduler',
    ],
    [
      'by nobody for what is missing when nothing says for whom',
      {
        leaves: { apiserver: 'missing' },
        kubeadm: 'none',
        without: ['/etc/kubernetes/manifests/kube-apiserver.yaml', '/etc/kubernetes/manifests/etcd.yaml'],
      },
      "refused: the old apiserver cannot be read, and the host's files do not contain the advertise address: no kube-apiserver or etcd manifest contains it",
    ],
    [
      'by nobody where only kubeadm may and cannot',
      { keys: 'kubeadm', wanted: ['kubelet-client'] },
      'refused: kubeadm would not request the same kubelet-client: it makes none for a kubelet that has joined',
    ],
    [
      'by nobody where only kubeadm may and is too old',
      { keys: 'kubeadm', version: '1.18.20' },
      'refused: kubeadm v1.18.20 makes no requests',
    ],
  ])('%s', (_what, wanted, expected) => {
    expect(ordered(wanted)).toEqual([expected]);
  });

  test('by each for what it can', () => {
    const names = ['apiserver', 'admin.conf', 'kubelet-client'];
    expect(ordered({ wanted: names }).map((line) => line.split(' ')[1])).toEqual(['kubeadm', 'kubeadm', 'kplay']);
  });
});
