import { describe, expect, it } from 'vitest';
import { World } from '../../src/core/world.ts';
import { kubeletLease } from '../../src/facts/api/kubelet-lease.ts';
import { nodes } from '../../src/facts/api/nodes.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { processes } from '../../src/facts/processes/processes.ts';
import { awaitKubelet } from '../../src/steps/cluster/node-proof.ts';
import { answersOf, type WorldDescription } from './support/described-world.ts';
import { proofOf } from './support/proof.ts';

const RESTARTED: WorldDescription = { processes: { kubelet: '1m' } };
const STALE =
  'kubelet has not renewed the lease of node master-1 since it started: what the API shows of the node is older';

/** What is still waited for after each look at the lease; undefined once it is proven. */
async function looks(description: WorldDescription, ...times: readonly (string | undefined)[]) {
  const answers = answersOf(description);
  const world = [kubernetesFiles, processes, nodes].reduce((known, ref) => known.set(ref, answers(ref)), World.empty);
  const states: (string | undefined)[] = [];
  const left = [...times];
  await awaitKubelet(
    {
      observe: async () => World.empty.set(kubeletLease('master-1'), { renewTime: left.shift() }),
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
  it.each<[what: string, lease: string | undefined]>([
    ['has a kubelet that has renewed its lease since it started', '2026-11-24T11:59:30Z'],
    ['may have no lease', undefined],
  ])('%s', async (_what, lease) => {
    expect(await looks(RESTARTED, lease)).toEqual([undefined]);
  });

  it('proves nothing while it may be what the kubelet before the restart has left', async () => {
    const before = '2026-11-24T11:58:30Z';
    expect(await looks(RESTARTED, before, before)).toEqual([STALE, STALE]);
    await expect(proofOf(RESTARTED, { kubelet_lease: { renewTime: before } })).rejects.toThrow(STALE);
    await expect(
      proofOf({ served: { '10.0.0.1:6443': 'cannot ask' } }, { kubelet_lease: { renewTime: before } }),
    ).resolves.toBeDefined();
  });

  it('is proven by a renewal that is seen, whatever the clocks say and even if no process is', async () => {
    const unseen: WorldDescription = { processes: { kubelet: 'unseen' } };
    expect(await looks(RESTARTED, '2026-11-24T11:00:00Z', '2026-11-24T11:00:10Z')).toEqual([STALE, undefined]);
    expect(await looks(unseen, '2026-11-24T12:00:00Z', '2026-11-24T12:00:10Z')).toEqual([STALE, undefined]);
  });
});
