import { describe, expect, test } from 'vitest';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { begin, observed, planOf } from './support/planning.ts';

const RESTART = { step: 'control_plane.restart' };

/** The reason of the only restart, of an etcd whose peer.crt is by default five seconds younger than the clock of its processes. */
function reasonWhen(filesReadAt: Date, written = '-5s'): string | undefined {
  const start = begin({ written: { 'etcd-peer': written } });
  const observedAt = (ref: { readonly key: string }) => (ref.key === kubernetesFiles.key ? filesReadAt : NOW);
  const plan = planOf(RESTART, observed(RESTART, { ...start, context: { ...start.context, observedAt } }));
  return plan.action === 'change' ? plan.changes.map(({ summary }) => summary).join() : plan.action;
}

describe('a file that is younger than the clock by which the processes were read', () => {
  test('has a time ahead of that clock if it was read at the same time', () => {
    expect(reasonWhen(NOW)).toBe("is older than peer.crt, whose time is ahead of the host's clock");
  });

  test('has none if it was read again later, as after a task that has written it', () => {
    expect(reasonWhen(new Date(NOW.getTime() + 10_000))).toBe('is older than peer.crt');
  });

  test('has none if the answer about the processes may have been on its way while it was written', () => {
    expect(reasonWhen(new Date(NOW.getTime() + 2_000))).toBe('is older than peer.crt');
  });

  test('has one all the same if the clock was set back by more', () => {
    expect(reasonWhen(new Date(NOW.getTime() + 2_000), '-90s')).toContain('ahead of');
  });
});
