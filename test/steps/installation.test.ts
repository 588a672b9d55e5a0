import { expect, test, vi } from 'vitest';
import { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { pendingRequests } from '../../src/facts/certificates/pending-requests.ts';
import { signedRefusal } from '../../src/steps/certs/installation.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

test('no host is compared with every other one where no kubeconfig is written from scratch', () => {
  const world = World.empty.set(kubernetesFiles, describedHost({ role: 'worker' })).set(pendingRequests, []);
  const peers = new Map(Array.from({ length: 10 }, (_, index) => [`w${index}`, world] as const));
  const find = vi.spyOn(World.prototype, 'find');
  expect(signedRefusal({ certificates: {}, from: 'signed' }, 'w', world, peers, new Date())).toBeUndefined();
  expect(find).not.toHaveBeenCalled();
});
