import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { StaticPod } from '../../../src/kubeadm/host/model.ts';
import { sha1SupportOf, unverifiedAlong } from '../../../src/kubeadm/host/unverified.ts';
import type { AuthorityName, CredentialName } from '../../../src/kubeadm/table.ts';
import { hostFiles } from '../support/host-files.ts';
import { DAY, first, NOW, newLeaf, RSA_KEY, signedAgain } from '../support/keys.ts';
import { describedHost } from '../support/raw-files.ts';

const { ca } = hostFiles().authorities;
const TERMS = { subject: { commonName: 'x' }, notAfter: NOW.getTime() + DAY, publicKey: RSA_KEY.publicKey };
const PATH = [first(signedAgain(newLeaf(ca, TERMS), ca)), ca.certificate];

type Version = string | undefined;

function pods(kubernetes: Version, etcd: Version): readonly StaticPod[] {
  return describedHost({}).staticPods.flatMap((pod) => {
    const version = pod.component === 'etcd' ? etcd : kubernetes;
    return version === undefined ? [] : [{ ...pod, version }];
  });
}

const NONE = undefined;
const UNKNOWN = 'SHA-1, which only Kubernetes before 1.24 verifies';

test.each<
  [name: AuthorityName, leaf: CredentialName, kubernetes: Version, etcd: Version, expected: string | undefined]
>([
  ['ca', 'apiserver', '1.23.17', '3.5.24-0', NONE],
  ['ca', 'apiserver', '1.24.0', '3.5.3-0', 'SHA-1'],
  // On a worker nothing tells.
  ['ca', 'kubelet-client', NONE, NONE, UNKNOWN],
  ['etcd-ca', 'etcd-peer', '1.24.0', '3.5.3-0', NONE],
  ['etcd-ca', 'apiserver-etcd-client', '1.27.0', '3.5.7-0', NONE],
  ['etcd-ca', 'etcd-peer', '1.23.17', '3.5.8-0', 'SHA-1'],
  ['etcd-ca', 'etcd-peer', '1.21.0', '3.4.24', NONE],
  ['etcd-ca', 'etcd-peer', '1.21.0', '3.4.25', 'SHA-1'],
  ['etcd-ca', 'etcd-peer', '1.16.0', '3.3.27', NONE],
  ['etcd-ca', 'etcd-peer', '1.34.0', '3.6.4-0', 'SHA-1'],
  // API servers verify it.
  ['etcd-ca', 'etcd-server', '1.24.0', '3.5.3-0', 'SHA-1'],
  ['etcd-ca', 'etcd-server', '1.23.17', '3.5.9-0', NONE],
  ['etcd-ca', 'etcd-server', NONE, '3.5.3', NONE],
  ['etcd-ca', 'etcd-server', NONE, '3.5.9', 'SHA-1'],
  // An etcd elsewhere may be old.
  ['etcd-ca', 'apiserver-etcd-client', '1.33.0', NONE, NONE],
])('%s: %s signed with SHA-1, with Kubernetes %s and etcd %s: %s', (name, leaf, kubernetes, etcd, expected) => {
  const authority = describedHost({}).authorities.find((one) => one.name === name);
  if (!authority) throw new Error(`no ${name}`);
  const sha1 = sha1SupportOf(pods(kubernetes, etcd));
  expect(unverifiedAlong(PATH, { ...authority, sha1 }, leaf)).toBe(expected);
});

const TOLD = 'GODEBUG=http2client=0,x509sha1=1';

test.each<[component: string, env: string, version: string, accepted: boolean | undefined]>([
  ['kube-apiserver', TOLD, '1.24.0', true],
  ['kube-apiserver', TOLD, '1.32.9', true],
  ['kube-apiserver', TOLD, '1.33.0', false],
  ['kube-apiserver', 'GODEBUG=x509sha1=0', '1.24.0', false],
  ['kube-apiserver', 'OTHER=x509sha1=1', '1.24.0', false],
  ['etcd', TOLD, '3.5.22-0', true],
  ['etcd', TOLD, '3.5.23-0', false],
  ['etcd', TOLD, '3.6.4-0', true],
  ['etcd', TOLD, '3.6.5-0', false],
])('%s with %s in its environment, %s: SHA-1 is accepted: %s', (component, env, version, accepted) => {
  const [name = '', ...value] = env.split('=');
  const path = `/etc/kubernetes/manifests/${component}.yaml`;
  const text = stringify({
    kind: 'Pod',
    spec: {
      containers: [
        { command: [component], image: `r/${component}:v${version}`, env: [{ name, value: value.join('=') }] },
      ],
    },
  });
  const { sha1 } = describedHost({ files: { [path]: text } }).authorities[0] ?? {};
  expect(component === 'etcd' ? sha1?.etcd : sha1?.kubernetes).toBe(accepted);
});
