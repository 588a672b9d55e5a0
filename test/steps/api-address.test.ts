import { expect, test } from 'vitest';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { movedAside, renewed } from '../../src/kubeadm/certificates/transition.ts';
import type { KubeadmHost } from '../../src/kubeadm/host/model.ts';
import { apiAddressWarnings } from '../../src/steps/kubelet/api-address.ts';
import { DAY, NOW } from '../kubeadm/support/keys.ts';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed } from './support/planning.ts';

const known = (host: WorldDescription) => observed({ step: 'certs.regenerate' }, begin(host)).world;

const worker = known({ role: 'worker', endpoint: '10.0.9.9:6443' }).get(kubernetesFiles);
const API = new Set(['apiserver'] as const);

/** How often a worker is warned whose kubelet.conf names another address than the one master of its play has. */
function warnings(description: WorldDescription, change = (host: KubeadmHost) => host): number {
  const master = known(description);
  const after = master.set(kubernetesFiles, change(master.get(kubernetesFiles)));
  return apiAddressWarnings(worker, new Map([['m1', after]])).length;
}

test('a worker that asks at an address of no API server is warned', () => {
  expect(warnings({})).toBe(1);
});

test('the names of a certificate that a plan renews are those of the one before', () => {
  const ends = new Map([['apiserver', NOW.getTime() + 365 * DAY] as const]);
  expect(warnings({}, (host) => renewed(movedAside(host, API), ends))).toBe(1);
  expect(warnings({}, (host) => renewed(host, ends))).toBe(1);
});

test('nothing is said where the certificates are not known', () => {
  expect(warnings({ leaves: { apiserver: 'missing' } })).toBe(0);
  expect(warnings({}, (host) => movedAside(host, API))).toBe(0);
  expect(warnings({ flags: { 'kube-apiserver': { '--tls-sni-cert-key': '/a.crt,/a.key' } } })).toBe(0);
  expect(apiAddressWarnings(worker, new Map())).toEqual([]);
});
