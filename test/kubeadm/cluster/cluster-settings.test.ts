import { describe, expect, test } from 'vitest';
import {
  apiServerNamesOf,
  type ClusterSettings,
  clusterVersion,
  etcdNamesOf,
  firstAddress,
  rebuildSettings,
  UNKNOWN_VERSION,
} from '../../../src/kubeadm/cluster/cluster-settings.ts';
import { hostPart, kubeletEndpoint } from '../../../src/kubeadm/cluster/endpoints.ts';
import { organizationsBy } from '../../../src/kubeadm/table.ts';
import type { HostDescription } from '../support/host-files.ts';
import { describedHost } from '../support/raw-files.ts';

const STANDARD: ClusterSettings = {
  kubernetesVersion: '1.33.13',
  imageRepository: 'registry.k8s.io',
  nodeName: 'master-1',
  advertiseAddress: '10.0.0.1',
  bindPort: 6443,
  controlPlaneEndpoint: undefined,
  serviceSubnet: '10.96.0.0/12',
  podSubnet: '10.244.0.0/16',
  dnsDomain: 'cluster.local',
  clusterName: 'kubernetes',
  criSocket: 'unix:///run/containerd/containerd.sock',
  externalEtcd: undefined,
  etcdDataDirectory: '/var/lib/etcd',
  apiServerNames: [],
  etcdServerNames: [],
  etcdPeerNames: [],
};

const API = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const ETCD = '/etc/kubernetes/manifests/etcd.yaml';
const CONTROLLER = '/etc/kubernetes/manifests/kube-controller-manager.yaml';
const SCHEDULER = '/etc/kubernetes/manifests/kube-scheduler.yaml';

describe('the settings of a host are rebuilt from its own files', () => {
  test.each<[what: string, host: HostDescription, differences: Partial<ClusterSettings>]>([
    ['as kubeadm leaves it', {}, {}],
    ['of another version', { version: '1.18.20' }, { kubernetesVersion: '1.18.20' }],
    [
      'with a shared endpoint',
      { endpoint: 'api.example.org:6443', leaves: { apiserver: { names: ['api.example.org'] } } },
      { controlPlaneEndpoint: 'api.example.org:6443' },
    ],
    [
      'with names that somebody has added',
      { leaves: { apiserver: { names: ['old.example.org', '192.0.2.7'] } } },
      { apiServerNames: ['old.example.org', '192.0.2.7'] },
    ],
    [
      'with etcd names that somebody has added',
      { leaves: { 'etcd-server': { names: ['etcd.example.org'] }, 'etcd-peer': { names: ['10.1.0.1'] } } },
      { etcdServerNames: ['etcd.example.org'], etcdPeerNames: ['10.1.0.1'] },
    ],
    ['on another port', { flags: { 'kube-apiserver': { '--secure-port': '7443' } } }, { bindPort: 7443 }],
    [
      'with IPv6',
      {
        address: 'fd00::1',
        flags: { 'kube-apiserver': { '--service-cluster-ip-range': 'fd00:10:96::/112' } },
        leaves: { apiserver: { names: ['fd00:10:96::1'] } },
      },
      { advertiseAddress: 'fd00::1', serviceSubnet: 'fd00:10:96::/112', apiServerNames: ['10.96.0.1'] },
    ],
    [
      'with both',
      { flags: { 'kube-apiserver': { '--service-cluster-ip-range': '10.96.0.0/12,fd00:10:96::/112' } } },
      { serviceSubnet: '10.96.0.0/12,fd00:10:96::/112' },
    ],
    [
      'with a second range of services as a name of its own',
      {
        flags: { 'kube-apiserver': { '--service-cluster-ip-range': '10.96.0.0/12,fd00:10:96::/112' } },
        leaves: { apiserver: { names: ['fd00:10:96::1'] } },
      },
      { serviceSubnet: '10.96.0.0/12,fd00:10:96::/112', apiServerNames: ['fd00:10:96::1'] },
    ],
    [
      'with an etcd elsewhere',
      { etcd: 'external' },
      {
        externalEtcd: {
          endpoints: ['https://10.0.9.1:2379', 'https://10.0.9.2:2379'],
          caFile: '/etc/etcd/ca.crt',
          certFile: '/etc/etcd/client.crt',
          keyFile: '/etc/etcd/client.key',
        },
        etcdDataDirectory: undefined,
      },
    ],
    [
      'with certificates elsewhere',
      { certificatesDirectory: '/etc/kubernetes/ssl', leaves: { apiserver: { names: ['old.example.org'] } } },
      { apiServerNames: ['old.example.org'] },
    ],
    ['named in upper case once', { node: 'master-1', leaves: { apiserver: { names: ['MASTER-1'] } } }, {}],
    [
      'without controller-manager and scheduler',
      { without: [CONTROLLER, SCHEDULER] },
      { podSubnet: undefined, clusterName: undefined },
    ],
    ['without API server', { without: [API] }, { imageRepository: undefined }],
    [
      'whose leaves are all gone: only what manifests and kubelet say',
      { leaves: { '*': 'missing', 'kubelet-client': '300d' } },
      { endpointUnknown: 'untold' },
    ],
    [
      'with two issuers of tokens, of which one tells the domain',
      {
        flags: {
          'kube-apiserver': {
            '--service-account-issuer': 'https://id.example.org,https://kubernetes.default.svc.k8s.test',
          },
        },
        leaves: { apiserver: 'missing' },
      },
      { dnsDomain: 'k8s.test' },
    ],
    [
      'whose leaves were moved aside',
      { aside: ['apiserver', 'etcd-peer'], leaves: { apiserver: { names: ['old.example.org'] } } },
      { apiServerNames: ['old.example.org'] },
    ],
    [
      'with its own images',
      { flags: {}, files: { [API]: apiManifest('harbor.example.org:5000/mirror/kube-apiserver:v1.29.3-custom') } },
      { kubernetesVersion: '1.29.3', imageRepository: 'harbor.example.org:5000/mirror' },
    ],
    [
      'with an API server by digest: the other images have the version in their tags',
      { files: { [API]: apiManifest('registry.k8s.io/kube-apiserver@sha256:0123') } },
      {},
    ],
  ])('%s', (_what, host, differences) => {
    expect(rebuildSettings(describedHost(host), 'v1.32.0')).toEqual({ ...STANDARD, ...differences });
  });

  test('the domain of services: the old certificate knows it best, then the issuer, then kubelet', () => {
    const domain = { '--service-account-issuer': 'https://kubernetes.default.svc.issuer.example' };
    const settings = (host: HostDescription) => rebuildSettings(describedHost(host), 'v1.32.0');
    expect(settings({ flags: { 'kube-apiserver': domain } })).toMatchObject({ dnsDomain: 'cluster.local' });
    const noCertificate: HostDescription = { leaves: { apiserver: 'missing' } };
    expect(settings({ ...noCertificate, flags: { 'kube-apiserver': domain } })).toMatchObject({
      dnsDomain: 'issuer.example',
    });
    const noIssuer: HostDescription = {
      ...noCertificate,
      flags: { 'kube-apiserver': { '--service-account-issuer': 'api' } },
    };
    expect(
      settings({ ...noIssuer, files: { '/var/lib/kubelet/config.yaml': 'clusterDomain: kubelet.example\n' } }),
    ).toMatchObject({ dnsDomain: 'kubelet.example' });
    expect(settings({ ...noIssuer, files: { '/var/lib/kubelet/config.yaml': '' } })).toMatchObject({
      dnsDomain: 'cluster.local',
    });
  });

  test.each<[what: string, host: HostDescription, missing: string]>([
    ['its address', { without: [API, ETCD] }, 'the advertise address: no kube-apiserver or etcd manifest contains it'],
    [
      'its name',
      { leaves: { '*': 'missing' }, kubelet: { conf: 'missing' }, flags: { etcd: { '--name': null } } },
      "the node's name: neither certificates nor kubelet.conf contain it",
    ],
  ])('what nothing on the host says is named: %s', (_what, host, missing) => {
    expect(rebuildSettings(describedHost(host), 'v1.32.0')).toEqual({ missing });
  });

  test('the address is etcd’s where the API server does not say it', () => {
    expect(
      rebuildSettings(describedHost({ flags: { 'kube-apiserver': { '--advertise-address': null } } }), 'v1.32.0'),
    ).toMatchObject({ advertiseAddress: '10.0.0.1' });
    const v6: HostDescription = { address: 'fd00::1', flags: { 'kube-apiserver': { '--advertise-address': null } } };
    expect(rebuildSettings(describedHost(v6), 'v1.32.0')).toMatchObject({ advertiseAddress: 'fd00::1' });
  });

  test.each<[server: string, address: string, endpoint: string | undefined]>([
    ['10.0.0.1:6443', '10.0.0.1', undefined],
    ['10.0.0.1:8443', '10.0.0.1', '10.0.0.1:8443'],
    ['[fd00::1]:6443', 'fd00::1', undefined],
    ['[fd00::2]:6443', 'fd00::1', '[fd00::2]:6443'],
    ['lb.example.org:6443', '10.0.0.1', 'lb.example.org:6443'],
  ])('admin.conf with %s on %s: the shared endpoint is %s', (server, address, endpoint) => {
    expect(rebuildSettings(describedHost({ address, endpoint: server }), 'v1.32.0')).toMatchObject({
      controlPlaneEndpoint: endpoint,
    });
  });
});

describe('kubelet looks for the API', () => {
  test.each<[where: string, host: HostDescription, address: string | undefined, port?: number]>([
    ['at the shared endpoint', { role: 'worker', endpoint: 'api.lab.example:8443' }, 'api.lab.example', 8443],
    ['at an address of IPv6', { role: 'worker', endpoint: '[fd77::5]:6443' }, 'fd77::5', 6443],
    ['at the port of https when none is named', { role: 'worker', endpoint: '10.0.0.5' }, '10.0.0.5', 443],
    ['nowhere without a kubelet.conf', { role: 'worker', kubelet: { conf: 'missing' } }, undefined],
  ])('%s', (_where, host, address, port) => {
    expect(kubeletEndpoint(describedHost(host))).toEqual(address === undefined ? undefined : { address, port });
  });
});

describe('the node is called in the cluster', () => {
  test.each<[what: string, host: HostDescription, name: string | undefined]>([
    ['what etcd’s certificates say', { node: 'etcd-says' }, 'etcd-says'],
    [
      'what kubelet’s certificate says when etcd is elsewhere',
      { node: 'kubelet-says', etcd: 'external' },
      'kubelet-says',
    ],
    [
      'what kubelet’s embedded certificate says',
      { node: 'kubelet-says', etcd: 'external', kubelet: { conf: 'embedded' } },
      'kubelet-says',
    ],
    [
      'what the user of kubelet.conf says when its certificate is gone',
      { node: 'user-says', etcd: 'external', leaves: { 'kubelet-client': 'missing' } },
      'user-says',
    ],
    [
      'what a certificate moved aside says',
      { node: 'aside-says', aside: ['etcd-peer', 'etcd-server'], kubelet: { conf: 'missing' } },
      'aside-says',
    ],
    [
      'what etcd’s flag says at last',
      { node: 'flag-says', leaves: { '*': 'missing' }, kubelet: { conf: 'missing' } },
      'flag-says',
    ],
    [
      'as it is overridden, not as the machine is called',
      { node: 'override', files: { '/etc/hostname': 'machine' } },
      'override',
    ],
  ])('%s', (_what, host, name) => {
    expect(describedHost(host).nodeName).toBe(name);
  });
});

describe('names that kubeadm gives by itself (reference, section 1.3)', () => {
  test('to the API server', () => {
    const settings = {
      nodeName: 'm1',
      advertiseAddress: '10.0.0.1',
      serviceSubnet: '10.96.0.0/12',
      dnsDomain: 'cluster.local',
      controlPlaneEndpoint: undefined,
    };
    expect(apiServerNamesOf(settings)).toEqual([
      'm1',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      '10.96.0.1',
      '10.0.0.1',
    ]);
    expect(apiServerNamesOf({ ...settings, controlPlaneEndpoint: '[fd00::9]:6443' }).at(-1)).toBe('fd00::9');
    expect(apiServerNamesOf({ ...settings, serviceSubnet: 'fd00::/108, 10.96.0.0/12' })).toContain('fd00::1');
    expect(apiServerNamesOf({ ...settings, serviceSubnet: 'fd00::/108, 10.96.0.0/12' })).not.toContain('10.96.0.1');
  });

  test('to etcd', () => {
    expect(etcdNamesOf({ nodeName: 'm1', advertiseAddress: 'fd00::1' })).toEqual([
      'm1',
      'localhost',
      'fd00::1',
      '127.0.0.1',
      '::1',
    ]);
  });
});

test.each([
  ['10.96.0.0/12', '10.96.0.1'],
  ['172.20.0.0/16', '172.20.0.1'],
  ['fd00:10:96::/112', 'fd00:10:96::1'],
  ['FD00:0:0::/108', 'fd00::1'],
  ['::/0', '::1'],
  ['nonsense', undefined],
  ['10.96.7.9/12', '10.96.0.1'],
  ['172.20.255.0/23', '172.20.254.1'],
  ['fd00:1:2:3:4:5:6:0/112', 'fd00:1:2:3:4:5:6:1'],
  ['fd00:10:96::ff00/108', 'fd00:10:96::1'],
  ['', undefined],
])('the first address of %s is %s', (subnet, address) => {
  expect(firstAddress(subnet)).toBe(address);
});

test.each([
  ['host', 'host'],
  ['host:6443', 'host'],
  ['10.0.0.1:6443', '10.0.0.1'],
  ['[fd00::1]:6443', 'fd00::1'],
  ['[fd00::1]', 'fd00::1'],
  ['fd00::1', 'fd00::1'],
])('the host of %s is %s', (endpoint, host) => {
  expect(hostPart(endpoint)).toBe(host);
});

function apiManifest(image: string): string {
  return `kind: Pod
spec:
  containers:
    - image: ${image}
      command: [kube-apiserver, --advertise-address=10.0.0.1, --client-ca-file=/etc/kubernetes/pki/ca.crt, --etcd-servers=https://127.0.0.1:2379]
`;
}

test('a cluster of an unknown version gets the groups of the newest: never system:masters', () => {
  const host = describedHost({
    leaves: { 'admin.conf': 'missing' },
    files: { [API]: apiManifest('registry.k8s.io/kube-apiserver@sha256:0123') },
  });
  const settings = rebuildSettings(host, UNKNOWN_VERSION);
  if ('missing' in settings) throw new Error(settings.missing);
  expect(organizationsBy('admin.conf', clusterVersion(settings))).toEqual(['kubeadm:cluster-admins']);
});
