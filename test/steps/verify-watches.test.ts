import { describe, expect, it } from 'vitest';
import { World } from '../../src/core/world.ts';
import { kubeletLease } from '../../src/facts/api/kubelet-lease.ts';
import { type Node, nodes, ownNode } from '../../src/facts/api/nodes.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { type System, system } from '../../src/facts/host/system.ts';
import { clientWatch } from '../../src/steps/cluster/client-proof.ts';
import { clockWatch } from '../../src/steps/cluster/clock-watch.ts';
import { unreadyWatch } from '../../src/steps/cluster/node-proof.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const NODE: Node = { name: 'master-1', status: 'NotReady', ready: false, isMaster: true, version: 'v1.33.13' };
const CNI = 'container runtime network not ready: cni plugin not initialized';

/** What is seen after so many seconds: what kubelet has told the API of itself, and when it last reported and renewed its lease. */
type Look = readonly [
  seconds: number,
  because: string | undefined,
  reportedAt?: string,
  renewTime?: string | undefined,
];

async function warnedAfter(looks: readonly Look[]) {
  const host = World.empty.set(kubernetesFiles, describedHost({}));
  let now = NOW;
  let seen = World.empty;
  const watch = unreadyWatch({ now: () => new Date(now), observe: async () => seen });
  const warned: (string | undefined)[] = [];
  for (const [seconds, because, reportedAt, renewTime] of looks) {
    now = NOW + seconds * 1000;
    const own: Node = {
      ...NODE,
      ...(because !== undefined && { unreadyBecause: because }),
      ...(reportedAt !== undefined && { reportedAt }),
    };
    seen = World.empty
      .set(ownNode('master-1'), { state: 'answered', nodes: [own] })
      .set(kubeletLease('master-1'), renewTime === undefined ? { state: 'none' } : { state: 'renewed', renewTime });
    warned.push((await watch(host.set(nodes, { state: 'answered', nodes: [NODE] })))?.message);
  }
  return warned;
}

describe('a node that is not Ready', () => {
  const WARNING = `node master-1 is NotReady, but not because of its certificates: kubelet tells the API ${CNI}`;

  it.each<[what: string, later: readonly [reportedAt: string, renewTime?: string]]>([
    ['renews its lease', ['12:00', '12:10']],
    ['reports again, as a kubelet without a lease does', ['12:10']],
  ])('is no failure when kubelet itself goes on saying so, and %s', async (_what, later) => {
    const looks: readonly Look[] = [
      [0, CNI, '12:00', later[1] && '12:00'],
      [60, CNI, ...later],
      [91, CNI, ...later],
    ];
    expect(await warnedAfter(looks)).toEqual([undefined, undefined, WARNING]);
  });

  it('is one when kubelet says nothing, and the cluster says so', async () => {
    const looks: readonly Look[] = [
      [0, CNI, '12:00', '12:00'],
      [10, CNI, '12:00', '12:10'],
      [50, undefined, '12:00', '12:10'],
      [91, undefined, '12:00', '12:10'],
      [200, undefined, '12:00', '12:10'],
      [210, CNI, '12:00', '12:10'],
      [400, CNI, '12:00', '12:10'],
    ];
    expect(await warnedAfter(looks)).toEqual(looks.map(() => undefined));
  });

  it('is one when kubelet says nothing, and the cluster lets stand for long what it said last', async () => {
    const looks: readonly Look[] = [
      [0, CNI, '12:00'],
      [10, CNI, '12:00', '12:00'],
      [91, CNI, '12:00', '12:00'],
      [100, CNI, '12:00'],
      [400, CNI, '12:00', '12:00'],
    ];
    expect(await warnedAfter(looks)).toEqual(looks.map(() => undefined));
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

describe('a kubeconfig that cannot be used', () => {
  const fault = {
    code: 'administrator-unusable',
    message: 'the API cannot be asked',
    remedy: 'correct the file',
  } as const;

  /** When it fails, of looks at these seconds, at which there is a fault or none. */
  function failedAt(
    lies: 'in file' | 'in proxy' | 'in answer',
    looks: readonly (readonly [seconds: number, isFaulty: boolean])[],
  ) {
    let now = NOW;
    const watch = clientWatch({ now: () => new Date(now) });
    for (const [seconds, isFaulty] of looks) {
      now = NOW + seconds * 1000;
      try {
        watch(isFaulty ? { ...fault, lies } : undefined);
      } catch (error) {
        expect(error).toMatchObject(fault);
        return seconds;
      }
    }
    return undefined;
  }

  it('fails at once if the file is at fault, and else when it has lasted for a minute', () => {
    expect(
      failedAt('in file', [
        [0, false],
        [2, true],
      ]),
    ).toBe(2);
    expect(
      failedAt('in proxy', [
        [0, true],
        [59, true],
        [61, true],
      ]),
    ).toBe(61);
  });

  it('is none if it was usable in the meantime', () => {
    expect(
      failedAt('in proxy', [
        [0, true],
        [59, true],
        [60, false],
        [61, true],
        [120, true],
      ]),
    ).toBeUndefined();
  });
});
