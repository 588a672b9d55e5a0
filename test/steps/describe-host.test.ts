import { expect, test } from 'vitest';
import { describeHost } from '../../src/steps/certs/describe-host.ts';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed } from './support/planning.ts';

test.each<[what: string, host: WorldDescription, text: string]>([
  ['a master', {}, 'Kubernetes v1.33.13 · kubelet v1.33.13 · containerd · stacked etcd'],
  ['one whose API does not answer', { node_state: 'no answer' }, 'Kubernetes v1.33.13 · containerd · stacked etcd'],
  [
    'one with work for kubeadm',
    { leaves: { apiserver: '5d' }, kubeadm: '1.34.1' },
    'Kubernetes v1.33.13 · kubeadm v1.34.1 · kubelet v1.33.13 · containerd · stacked etcd',
  ],
  ['a worker', { role: 'worker', node: 'worker-1' }, 'worker · kubelet v1.33.13'],
  ['another machine', { role: 'none' }, 'not a kubeadm host'],
])('the head of a plan says of %s what it is', (_what, host, text) => {
  const steps = ['certs.check', 'certs.regenerate', 'cluster.verify'];
  const { world } = steps.reduce((known, step) => observed({ step }, known), begin(host));
  expect(describeHost(world)).toBe(text);
});
