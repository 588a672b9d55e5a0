import { describe, expect, it } from 'vitest';
import { World } from '../../src/core/world.ts';
import { type KubeletLease, kubeletLease } from '../../src/facts/api/kubelet-lease.ts';
import { nodes } from '../../src/facts/api/nodes.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { processes } from '../../src/facts/processes/processes.ts';
import { awaitKubelet } from '../../src/steps/cluster/node-proof.ts';
import { answersOf, type WorldDescription } from './support/described-world.ts';
import { proofOf } from './support/proof.ts';

const RESTARTED: WorldDescription = { processes: { kubelet: '1m' } };
const STALE =
  'kubelet has not renewed the lease of node master-1 since it started: what the API shows of the node is older';

const renewed = (renewTime: string): KubeletLease => ({ state: 'renewed', renewTime });

/** What is still waited for after each look at the lease; undefined once it is proven. */
async function looks(description: WorldDescription, ...leases: readonly KubeletLease[]) {
  const answers = answersOf(description);
  const world = [kubernetesFiles, processes, nodes].reduce((known, ref) => known.set(ref, answers(ref)), World.empty);
  const states: (string | undefined)[] = [];
  const left = [...leases];
  await awaitKubelet(
    {
      observe: async () => World.empty.set(kubeletLease('master-1'), left.shift() ?? { state: 'none' }),
      waitFor: async (_what, _timeoutMs, look) => {
        while (left.length > 0) {
          const seen = await look();
          states.push(seen.done ? undefined : seen.state);
          if (seen.done) return seen.value;
        }
        throw new Error('not proven');
      },
    },
    world,
    1000,
  ).catch(() => undefined);
  return states;
}

describe('a node that is Ready', () => {
  it.each<[what: string, lease: KubeletLease]>([
    ['has a kubelet that has renewed its lease since it started', renewed('2026-11-24T11:59:30Z')],
    ['may have no lease', { state: 'none' }],
  ])('%s', async (_what, lease) => {
    expect(await looks(RESTARTED, lease)).toEqual([undefined]);
  });

  it('proves nothing while it may be what the kubelet before the restart has left', async () => {
    const before = renewed('2026-11-24T11:58:30Z');
    expect(await looks(RESTARTED, before, before)).toEqual([STALE, STALE]);
    await expect(proofOf(RESTARTED, { kubelet_lease: before })).rejects.toThrow(STALE);
    await expect(
      proofOf({ served: { '10.0.0.1:6443': 'cannot ask' } }, { kubelet_lease: before }),
    ).resolves.toBeDefined();
  });

  it('is proven by a renewal that is seen, whatever the clocks say and even if no process is', async () => {
    const unseen: WorldDescription = { processes: { kubelet: 'unseen' } };
    expect(await looks(RESTARTED, renewed('2026-11-24T11:00:00Z'), renewed('2026-11-24T11:00:10Z'))).toEqual([
      STALE,
      undefined,
    ]);
    expect(await looks(unseen, renewed('2026-11-24T12:00:00Z'), renewed('2026-11-24T12:00:10Z'))).toEqual([
      STALE,
      undefined,
    ]);
  });

  it('proves nothing while the API rejects kubelet, or does not answer it', async () => {
    const rejected: KubeletLease = {
      state: 'no answer',
      reason: 'error: You must be logged in to the server (Unauthorized)',
    };
    const unknown = `whether kubelet is in contact with the API is not known: with kubelet.conf it does not return the lease of node master-1: ${rejected.reason}`;
    expect(await looks(RESTARTED, rejected, renewed('2026-11-24T11:59:30Z'))).toEqual([unknown, undefined]);
    await expect(proofOf(RESTARTED, { kubelet_lease: rejected })).rejects.toThrow(unknown);
  });

  it('is proven although leases are forbidden, where kubelet is too old for them', async () => {
    const forbidden: KubeletLease = { state: 'forbidden', reason: 'leases is forbidden' };
    expect(await looks({ ...RESTARTED, version: '1.13.12' }, forbidden)).toEqual([undefined]);
    expect(await looks({ ...RESTARTED, version: '1.14.0' }, forbidden)).toEqual([
      expect.stringContaining('leases is forbidden'),
    ]);
  });
});
