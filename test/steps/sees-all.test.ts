import { expect, test } from 'vitest';
import { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import type { KubeadmHost } from '../../src/kubeadm/host/model.ts';
import { hiddenRefusal } from '../../src/steps/gates/sees-all.ts';

test.each([
  [['/etc/kubernetes/pki'], "1 of kubeadm's files and directories is not readable as ops"],
  [['/a', '/b'], "2 of kubeadm's files and directories are not readable as ops"],
])('hosts of which %j cannot be read are refused', (paths, reason) => {
  const files = { hidden: { user: 'ops', paths } } as unknown as KubeadmHost;
  expect(hiddenRefusal(World.empty.set(kubernetesFiles, files))).toMatchObject({ code: 'not-readable', reason });
});
