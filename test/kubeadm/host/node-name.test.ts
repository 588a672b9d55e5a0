import { expect, test } from 'vitest';
import type { HostDescription } from '../support/host-files.ts';
import { describedHost } from '../support/raw-files.ts';

/** As in the table of the certificates that a cluster needs, on kubernetes.io, and as kubeadm 1.10 names them. */
const ETCD_BY_ROLE = { 'etcd-server': { commonName: 'kube-etcd' }, 'etcd-peer': { commonName: 'kube-etcd-peer' } };
const NO_NAME = { etcd: { '--name': null } };

/** kubelet.conf of a node that has joined: its user is not the node's. */
const JOINED = {
  files: {
    '/etc/kubernetes/kubelet.conf': `apiVersion: v1
kind: Config
clusters: [{name: default-cluster, cluster: {server: 'https://10.0.0.1:6443'}}]
contexts: [{name: default-context, context: {cluster: default-cluster, user: default-auth}}]
current-context: default-context
users:
- name: default-auth
  user:
    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
    client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
`,
  },
};

test.each<[what: string, host: HostDescription, expected: string | undefined]>([
  ['kubelet’s certificate, whatever etcd’s says', { leaves: ETCD_BY_ROLE }, 'master-1'],
  ['kubelet’s certificate, expired or not', { leaves: { ...ETCD_BY_ROLE, 'kubelet-client': '-3d' } }, 'master-1'],
  [
    'kubelet’s certificate, whatever the user of kubelet.conf is called',
    { leaves: { 'kubelet-client': { commonName: 'system:node:n7' } } },
    'n7',
  ],
  [
    'kubelet’s certificate, whatever etcd’s member is called',
    { ...JOINED, flags: { etcd: { '--name': 'infra0' } } },
    'master-1',
  ],
  [
    'the user of kubelet.conf, if the CA has not signed that certificate',
    { leaves: { ...ETCD_BY_ROLE, 'kubelet-client': { state: 'foreign signer', commonName: 'system:node:n7' } } },
    'master-1',
  ],
  [
    'etcd’s member, if kubelet says nothing',
    { ...JOINED, leaves: { ...ETCD_BY_ROLE, 'kubelet-client': 'missing' } },
    'master-1',
  ],
  [
    'etcd’s certificate, if its member has no name',
    { ...JOINED, leaves: { 'kubelet-client': 'missing' }, flags: NO_NAME },
    'master-1',
  ],
  [
    'a kubelet’s certificate of another CA at least, if that names none',
    {
      ...JOINED,
      leaves: { ...ETCD_BY_ROLE, 'kubelet-client': { state: 'foreign signer', commonName: 'system:node:n7' } },
      flags: NO_NAME,
    },
    'n7',
  ],
  [
    'nothing, if etcd’s certificate is not for its own CN',
    { ...JOINED, leaves: { ...ETCD_BY_ROLE, 'kubelet-client': 'missing' }, flags: NO_NAME },
    undefined,
  ],
  [
    'a worker’s certificate also if it is not for a node: as such it is refused',
    { ...JOINED, role: 'worker', leaves: { 'kubelet-client': { commonName: 'kubernetes-admin' } } },
    'kubernetes-admin',
  ],
  [
    'a worker’s certificate also if the CA has not signed it',
    { role: 'worker', leaves: { 'kubelet-client': { state: 'foreign signer', commonName: 'system:node:n7' } } },
    'n7',
  ],
])('the name of the node is told by %s', (_, host, expected) => {
  expect(describedHost(host).nodeName).toBe(expected);
});
