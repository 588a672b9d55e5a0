import { describe, expect, test } from 'vitest';
import { plannedFile } from '../../../src/kubeadm/certificates/transition.ts';
import { readStaticPod } from '../../../src/kubeadm/host/static-pod.ts';
import { fc } from '../../support/random-cases.ts';

const FILE = plannedFile('/etc/kubernetes/manifests/kube-apiserver.yaml');

describe('a manifest', () => {
  test.each<[what: string, container: string, found: object | undefined]>([
    [
      'with flags in its command',
      'command: [kube-apiserver, --a=1, --b=x=y]',
      { component: 'kube-apiserver', flags: { '--a': '1', '--b': 'x=y' } },
    ],
    [
      'with flags as words of their own',
      'command: [kube-apiserver, --a, "1", --b, --c]',
      { flags: { '--a': '1', '--b': 'true', '--c': 'true' } },
    ],
    [
      'with flags in its arguments',
      'command: [/usr/local/bin/kube-scheduler]\n      args: [--a=1]',
      { component: 'kube-scheduler', flags: { '--a': '1' } },
    ],
    ['whose last flag wins', 'command: [etcd, --a=1, --a=2]', { component: 'etcd', flags: { '--a': '2' } }],
    [
      'with flags that add up',
      "command: [kube-apiserver, '--etcd-servers=https://a:2379,https://b:2379', --etcd-servers, 'https://c:2379', '--tls-sni-cert-key=/a.crt,/a.key', '--tls-sni-cert-key=/b.crt,/b.key:b']",
      {
        flags: {
          '--etcd-servers': 'https://a:2379,https://b:2379,https://c:2379',
          '--tls-sni-cert-key': '/a.crt,/a.key;/b.crt,/b.key:b',
        },
        sniFiles: ['/a.crt', '/b.crt'],
      },
    ],
    ['with words that are no flags', 'command: [etcd, x, -v, --a=1]', { flags: { '--a': '1' } }],
    [
      'with an image that has a version',
      'command: [etcd]\n      image: registry.k8s.io/etcd:3.5.24-0',
      { image: 'registry.k8s.io/etcd:3.5.24-0', version: '3.5.24' },
    ],
    [
      'with an image that has a port and a version',
      'command: [etcd]\n      image: reg:5000/a/b:v1.2.3',
      { version: '1.2.3' },
    ],
    ['with an image by tag and digest', 'command: [etcd]\n      image: reg/b:v1.2.3@sha256:00', { version: '1.2.3' }],
    ['with an image of a vendor', 'command: [etcd]\n      image: reg/b:v1.30.4_vmware.1', { version: '1.30.4' }],
    ['with an image by digest', 'command: [etcd]\n      image: reg/b@sha256:00', { version: undefined }],
    ['with an image without a version', 'command: [etcd]\n      image: reg/b:latest', { version: undefined }],
    ['without an image', 'command: [etcd]', { image: undefined, version: undefined }],
    ['of something else', 'command: [kube-vip, manager]', undefined],
    ['with an empty command', 'command: []', undefined],
    ['whose command is no list', 'command: etcd', undefined],
    ['with numbers among the words', 'command: [etcd, 3, --a=1]', { flags: { '--a': '1' } }],
  ])('%s', (_what, container, found) => {
    const pod = readStaticPod(FILE, `spec:\n  containers:\n    - name: x\n      ${container}\n`);
    if (found === undefined) expect(pod).toBeUndefined();
    else expect(pod && { ...pod, flags: Object.fromEntries(pod.flags) }).toMatchObject(found);
  });

  test('may be JSON', () => {
    const text = JSON.stringify({ spec: { containers: [{ command: ['etcd', '--name=m1'], image: 'e:1.2.3' }] } });
    expect(readStaticPod(FILE, text)?.flags.get('--name')).toBe('m1');
  });

  test.each([
    ['an end of document', '---\n'],
    ['another document, as kubelet takes only the first', '---\nspec: {containers: [{command: [kube-vip]}]}\n'],
  ])('may have behind it %s', (_what, rest) => {
    const text = `spec:\n  containers:\n    - command: [etcd, --name=m1]\n${rest}`;
    expect(readStaticPod(FILE, text)?.flags.get('--name')).toBe('m1');
  });

  test('may have files of kubeadm’s elsewhere in its container: flags name them by where they are on the host', () => {
    const mount = (name: string, mountPath: string) => ({ name, mountPath });
    const volume = (name: string, path: string) => ({ name, hostPath: { path } });
    const files = ['--tls-cert-file=/certs/apiserver.crt', '--kubeconfig', '/conf', '--data-dir=/data'];
    const container = {
      command: ['kube-apiserver', ...files, '--client-ca-file=/etc/kubernetes/pki/ca.crt', '--etcd-prefix=/registry'],
      volumeMounts: [
        mount('pki', '/certs'),
        mount('conf', '/conf'),
        mount('data', '/data'),
        mount('own', '/etc/kubernetes/pki'),
      ],
    };
    const volumes = [
      volume('pki', '/etc/kubernetes/pki'),
      volume('conf', '/etc/kubernetes/admin.conf'),
      volume('data', '/var/lib/data'),
      volume('own', '/srv/pki'),
    ];
    const pod = readStaticPod(FILE, JSON.stringify({ spec: { containers: [container], volumes } }));
    expect(Object.fromEntries(pod?.flags ?? [])).toEqual({
      '--tls-cert-file': '/etc/kubernetes/pki/apiserver.crt',
      '--kubeconfig': '/etc/kubernetes/admin.conf',
      '--data-dir': '/data',
      '--client-ca-file': '/etc/kubernetes/pki/ca.crt',
      '--etcd-prefix': '/registry',
    });
  });

  test('may have other containers beside the one that is looked for', () => {
    const text = 'spec:\n  containers:\n    - command: [sidecar]\n    - command: [etcd, --name=m1]\n';
    expect(readStaticPod(FILE, text)).toMatchObject({ component: 'etcd' });
  });

  test.each([
    '',
    'x',
    '[]',
    'spec: 1',
    'spec: {containers: {}}',
    'spec: {containers: [1, null]}',
    'a: 1\na: 2',
    '{',
    'spec: &x {containers: [*x]}',
  ])('is none in %j', (text) => {
    expect(readStaticPod(FILE, text)).toBeUndefined();
  });

  test('is looked for in any text without a crash', () => {
    fc.assert(fc.property(fc.string(), (text) => void readStaticPod(FILE, text)));
  });
});
