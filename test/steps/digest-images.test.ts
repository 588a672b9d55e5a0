import { expect, test } from 'vitest';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import type { KubeadmHost } from '../../src/kubeadm/host/model.ts';
import { begin, observed, type Planning, planOf } from './support/planning.ts';

/** A master of 1.28 without admin.conf, whose images no tag tells the version of. */
function withDigests(kubeadm: string): Planning {
  const planning = begin({ version: '1.28.3', kubeadm, leaves: { 'admin.conf': 'missing' } });
  return {
    ...planning,
    answers: (ref) => {
      const answer = planning.answers(ref);
      if (ref.key !== kubernetesFiles.key) return answer;
      const host = answer as KubeadmHost;
      return { ...host, staticPods: host.staticPods.map((pod) => ({ ...pod, version: undefined })) };
    },
  };
}

test.each([
  ['the version of the host’s kubeadm', '1.28.3', 'O=system:masters, CN=kubernetes-admin'],
  ['the newest one without kubeadm', 'none', 'O=kubeadm:cluster-admins, CN=kubernetes-admin'],
])('where images are named by a digest, kplay signs by %s', (_, kubeadm, subject) => {
  const task = { step: 'kubeconfig.regenerate', params: { method: 'native' } };
  const plan = planOf(task, observed(task, withDigests(kubeadm)));
  expect(plan).toMatchObject({ action: 'change', changes: [{ target: 'admin.conf', after: { subject } }] });
});
