import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TreeState } from '../../src/simulation/tree-state.ts';
import { Bench } from './support/bench.ts';
import { applyFleet, planFleet, type Report } from './support/engine.ts';

let bench: Bench;
beforeAll(async () => {
  bench = new Bench();
});
afterAll(() => bench.close());

/** What a task came to, on each host, in the order of their names: which master comes first is chosen from what is seen. */
function cameTo({ events, plan }: Report, step: string): readonly string[] {
  const name = plan?.tasks.find((task) => task.step === step)?.name;
  return events
    .flatMap((event) => (event.type === 'task-finished' && event.task.name === name ? [event] : []))
    .sort((a, b) => a.host.localeCompare(b.host))
    .map(({ told, reason }) => told ?? reason);
}

function warnings({ events }: Report): readonly string[] {
  return events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
}

/** All is due that kubelet does not renew by itself: of a certificate that it should have renewed there would be a warning. */
const DUE: TreeState = { all: { condition: 'due' }, leaves: { 'kubelet-client': {} } };

describe('after a renewal', () => {
  it('the whole cluster is proven, and what ran besides it runs on', { timeout: 120_000 }, async () => {
    const fleet = await bench.fleet({ masters: 3, stateOf: () => DUE });
    const report = await applyFleet(fleet.inventoryFile, { method: 'native' });
    expect(report.result).toMatchObject({ failed: [], refused: [] });
    expect(cameTo(report, 'control_plane.restart')).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('1 other container untouched')),
    );
    for (const [index, reason] of cameTo(report, 'cluster.verify').entries()) {
      for (const proof of [
        '3 ports serve what is on disk',
        `10.20.0.${11 + index}:6443 serves what is on disk`,
        'controlPlaneEndpoint 10.20.0.10:6443 answers',
        'kube-controller-manager leads on demo-m',
        'kube-scheduler leads on demo-m',
        'kubectl logs and exec permitted',
        '3 nodes Ready',
        'kubelet (10250) serves what is on disk',
      ])
        expect(reason).toContain(proof);
    }
    expect(warnings(report)).toEqual([]);
  });

  it('so is one of before 1.16 and 1.13, which tells its health elsewhere', { timeout: 120_000 }, async () => {
    const stateOf = () => ({ all: { condition: 'due' } }) as const;
    const fleet = await bench.fleet({ masters: 3, kubernetesVersion: '1.12.10', stateOf });
    const report = await applyFleet(fleet.inventoryFile, { method: 'native' });
    expect(report.plan?.order).toMatchObject({ name: 'planned', reason: 'API and etcd are healthy on 3 of 3 masters' });
    expect(report.result).toMatchObject({ failed: [], refused: [] });
    for (const reason of cameTo(report, 'cluster.verify')) {
      expect(reason).toContain('controlPlaneEndpoint 10.20.0.10:6443 answers');
      expect(reason).toContain('kube-scheduler leads on demo-m');
    }
  });

  it('what cannot be proven is said', { timeout: 120_000 }, async () => {
    const fleet = await bench.fleet({ stateOf: () => ({ ...DUE, kubectl: false }) });
    const report = await applyFleet(fleet.inventoryFile, { method: 'native' });
    expect(report.result.failed).toEqual([]);
    const reason = 'there is no kubectl on the host';
    expect(warnings(report)).toEqual([
      `not proven: that the API accepts admin.conf: ${reason}`,
      `not proven: that the API accepts super-admin.conf: ${reason}`,
      `not proven: that the API accepts controller-manager.conf: ${reason}`,
      `not proven: that the API accepts scheduler.conf: ${reason}`,
      `not proven: that controllers hold their leases: ${reason}`,
      `not proven: that kubectl logs and exec are permitted: ${reason}`,
    ]);
  });

  it('a second run asks no more than one on a cluster that was always well', { timeout: 120_000 }, async () => {
    const looks = ({ events }: Report) => events.filter(({ type }) => type === 'host-observed').length;
    const well = await bench.fleet();
    const fleet = await bench.fleet({ stateOf: () => ({ all: { condition: 'due' } }) });
    await applyFleet(fleet.inventoryFile, { method: 'native' });
    const again = await applyFleet(fleet.inventoryFile, { method: 'native' });
    expect(looks(again)).toBe(looks(await applyFleet(well.inventoryFile, { method: 'native' })));
    const actions = again.plan?.hosts[0]?.tasks.map(({ action }) => action) ?? [];
    expect(actions.slice(0, -1)).toEqual(Array.from({ length: 7 }, () => 'none'));
    // Hosts tell the time in seconds: what has started just before may count as started by this run, and is proven once more.
    expect(['none', 'check']).toContain(actions.at(-1));
  });
});

describe('nothing is changed', () => {
  it.each<[what: string, state: TreeState, reason: string]>([
    ['while etcd has raised an alarm', { etcdAlarm: 'NOSPACE' }, 'etcd has raised the alarm NOSPACE'],
    ['while an etcd member is a learner', { etcdLearner: true }, 'its etcd member is a learner'],
  ])('%s', async (_what, state, reason) => {
    const fleet = await bench.fleet({ masters: 3, stateOf: () => ({ all: { condition: 'due' }, ...state }) });
    const before = fleet.hosts.map((host) => host.snapshot());
    const { plan, result } = await planFleet(fleet.inventoryFile, { method: 'native' });
    expect(plan?.order?.name).toBe('planned');
    expect(
      plan?.hosts.flatMap(({ tasks }) => tasks.flatMap((task) => (task.action === 'refuse' ? [task.reason] : []))),
    ).toEqual(Array.from({ length: 3 }, () => expect.stringContaining(reason)));
    expect(result.refused).toHaveLength(3);
    await applyFleet(fleet.inventoryFile, { method: 'native' });
    expect(fleet.hosts.map((host) => host.snapshot())).toEqual(before);
  });

  it('where another master is refused and not well, and the plan says so', async () => {
    const sick: TreeState = {
      leaves: { 'etcd-server': { condition: 'missing' } },
      podsStarted: 'after',
      diskFull: true,
    };
    // What restarts etcd would be refused by etcd itself.
    const due: TreeState = { leaves: { apiserver: { condition: 'due' } } };
    const fleet = await bench.fleet({ masters: 3, stateOf: (index) => (index === 1 ? sick : due) });
    const { plan, result } = await planFleet(fleet.inventoryFile, { method: 'native' });
    expect(plan?.order?.name).toBe('planned');
    const reasons = plan?.hosts.map(({ tasks }) =>
      tasks.flatMap((task) => (task.action === 'refuse' ? [task.reason] : [])),
    );
    const beside = (name: string) => `demo-m2 is not healthy: restarting ${name} now could cost the quorum`;
    expect(reasons).toEqual([[beside('demo-m1')], [expect.stringContaining('is almost full')], [beside('demo-m3')]]);
    expect(plan?.hosts.flatMap(({ tasks }) => tasks.filter(({ action }) => action === 'change'))).toEqual([]);
    expect(result.refused).toHaveLength(3);
  });
});
