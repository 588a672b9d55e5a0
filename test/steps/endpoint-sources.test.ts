import { expect, test } from 'vitest';
import { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import type { KubeadmHost } from '../../src/kubeadm/host/model.ts';
import { endpointSources } from '../../src/steps/certs/endpoint-sources.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

test('another host tells where the load balancer is only if it is known to trust the same CA', () => {
  const host = describedHost();
  const worker = describedHost({ role: 'worker' });
  const stranger: KubeadmHost = { ...worker, authorities: [], trust: [] };
  const worlds = [host, worker, stranger].map((of) => World.empty.set(kubernetesFiles, of));
  expect(endpointSources(host, worlds).hosts).toEqual([worker]);
});
