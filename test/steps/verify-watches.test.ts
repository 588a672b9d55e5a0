import { describe, expect, it } from 'vitest';
import { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/kubernetes-files.ts';
import { type Node, nodes, ownNode } from '../../src/facts/nodes.ts';
import { type System, system } from '../../src/facts/system.ts';
import { clockWatch } from '../../src/steps/cluster/clock-watch.ts';
import { unreadyWatch } from '../../src/steps/cluster/node-proof.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const NODE: Node = { name: 'master-1', status: 'NotReady', ready: false, isMaster: true, version: 'v1.33.13' };
const CNI = 'container runtime network not ready: cni plugin not initialized';

/** A master whose kubelet tells the API this of itself, asked after so many seconds; nothing where it has fallen silent. */
async function warnedAfter(looks: readonly (readonly [seconds: number, because: string | undefined])[]) {
  const host = World.empty.set(kubernetesFiles, describedHost({}));
  let now = NOW;
  let own = NODE;
  const watch = unreadyWatch({
    now: () => new Date(now),
    observe: async () => World.empty.set(ownNode('master-1'), { state: 'answered', nodes: [own] }),
  });
  const warned: (string | undefined)[] = [];
  for (const [seconds, because] of looks) {
    now = NOW + seconds * 1000;
    own = because === undefined ? NODE : { ...NODE, unreadyBecause: because };
    warned.push((await watch(host.set(nodes, { state: 'answered', nodes: [NODE] })))?.message);
  }
  return warned;
}

describe('a node that is not Ready', () => {
  it('is no failure when kubelet itself goes on saying so, for then it speaks to the API', async () => {
    expect(
      await warnedAfter([
        [0, CNI],
        [60, CNI],
        [91, CNI],
      ]),
    ).toEqual([
      undefined,
      undefined,
      `node master-1 is NotReady, and not for its certificates: kubelet tells the API ${CNI}`,
    ]);
  });

  it('is one when kubelet says nothing: what it said last stands there for a while', async () => {
    expect(
      await warnedAfter([
        [0, CNI],
        [50, undefined],
        [91, undefined],
        [200, undefined],
      ]),
    ).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('a clock that was set while a host is waited for', () => {
  /** Told what is missing at these seconds, of a host whose clock is so far ahead. */
  async function watched(skewSeconds: number, looks: readonly number[], answersWithin = 0): Promise<void> {
    let now = NOW;
    const watch = clockWatch({
      now: () => new Date(now),
      observe: async () => {
        now += answersWithin * 1000;
        return World.empty.set(system, { clock: now / 1000 + skewSeconds } as System);
      },
    });
    for (const seconds of looks) {
      now = NOW + seconds * 1000;
      await watch('kube-apiserver answers 500');
    }
  }

  it.each([
    [-3600, 'its clock is 1h behind this machine'],
    [86_400, 'its clock is 1d ahead of this machine'],
  ])('is the reason, soon and not when the time is over: by %i s', async (skew, reason) => {
    await expect(watched(skew, [0, 11])).rejects.toMatchObject({
      code: 'host-clock',
      message: expect.stringContaining(reason),
      details: [['last seen', 'kube-apiserver answers 500']],
    });
  });

  it('is not when what is missing is there a moment later, or the clock is right by then', async () => {
    await watched(-3600, [0, 5]);
    await watched(0, [0, 60, 200]);
  });

  it('is not taken for one that a busy host has told late', async () => {
    await watched(-30, [0, 100, 200], 50);
  });
});
