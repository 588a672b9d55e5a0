import { expect, test } from 'vitest';
import { verifiesSha1 } from '../../../src/kubeadm/host/credential-state.ts';
import type { StaticPod } from '../../../src/kubeadm/host/model.ts';
import { describedHost } from '../support/raw-files.ts';

function pods(versions: Readonly<Record<string, string>>): readonly StaticPod[] {
  return describedHost({}).staticPods.flatMap((pod) => {
    const version = versions[pod.component];
    return version === undefined ? [] : [{ ...pod, version }];
  });
}

test.each<[name: 'ca' | 'etcd-ca', versions: Readonly<Record<string, string>>, accepted: boolean]>([
  ['ca', { 'kube-apiserver': '1.23.17', etcd: '3.5.24-0' }, true],
  ['ca', { 'kube-apiserver': '1.24.0', etcd: '3.5.3-0' }, false],
  ['etcd-ca', { 'kube-apiserver': '1.24.0', etcd: '3.5.3-0' }, true],
  ['etcd-ca', { 'kube-apiserver': '1.28.0', etcd: '3.5.9-0' }, false],
  // On a worker nothing tells, and the newest rejects it; an etcd elsewhere may be old.
  ['ca', {}, false],
  ['etcd-ca', { 'kube-apiserver': '1.33.0' }, true],
])('%s: who verifies accepts SHA-1 with %j: %s', (name, versions, accepted) => {
  expect(verifiesSha1(name, pods(versions))).toBe(accepted);
});
