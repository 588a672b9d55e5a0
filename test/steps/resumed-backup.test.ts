import { describe, expect, it } from 'vitest';
import type { PlanContext } from '../../src/core/step.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { RUN_ID, type WorldDescription } from './support/described-world.ts';
import { afterTask, begin, observed, planOf } from './support/planning.ts';

const APISERVER = '/etc/kubernetes/pki/apiserver.crt';
const HAND_MADE = '/etc/kubernetes/pki/front-proxy-client.crt';
const TASK = { step: 'certs.backup' };
const DAY = 86_400_000;

/** A process that began the run so long after its backup was made, on a host on which `older` was otherwise then. */
function begun(afterMs: number, older: readonly string[], host: WorldDescription = {}) {
  const planning = begin({ leaves: { apiserver: '5d' }, backups: [{ id: RUN_ID, older }], ...host });
  const context: PlanContext = { ...planning.context, startedAt: new Date(NOW.getTime() + afterMs) };
  return { ...planning, context };
}

function backedUp(...how: Parameters<typeof begun>) {
  const plan = planOf(TASK, observed(TASK, begun(...how)));
  return plan.action === 'change' ? plan.changes.map(({ target }) => target) : plan;
}

it('is made anew where somebody has renewed something by hand since, which putting the old one back would undo', () => {
  expect(backedUp(DAY, [HAND_MADE])).toEqual([`/var/backups/kplay/${RUN_ID}-2`]);
});

it.each<[string, number, readonly string[], WorldDescription]>([
  ['everything is as it was then', DAY, [], {}],
  ['the host still stands in the midst of a change', DAY, [HAND_MADE], { aside: ['apiserver'] }],
  ['this process has made it', 0, [HAND_MADE], {}],
])('serves again where %s, and the journal is told so', (_what, ...how) => {
  expect(backedUp(...how)).toMatchObject({
    action: 'none',
    evidence: { backup: RUN_ID, directory: '/var/backups/kplay' },
  });
});

it('is made anew where what is due is otherwise', () => {
  expect(backedUp(DAY, [APISERVER])).toEqual([`/var/backups/kplay/${RUN_ID}-2`]);
});

describe('of what a rollback replaces', () => {
  const planned = (afterMs: number, own: readonly string[], restored: readonly string[]) => {
    const task = { ...TASK, params: { restoring: 'old' } };
    const backups = [
      { id: RUN_ID, older: own, replaced_by: 'old' },
      { id: 'old', older: restored },
    ];
    return planOf(task, observed(task, begun(afterMs, [], { backups })));
  };

  it('is made anew where somebody has renewed something by hand since', () => {
    expect(planned(DAY, [HAND_MADE], [HAND_MADE])).toMatchObject({
      changes: [{ target: `/var/backups/kplay/${RUN_ID}-2` }],
    });
  });

  it.each<[string, number, readonly string[], readonly string[]]>([
    ['what is otherwise has come from the backup that is put back', DAY, [HAND_MADE], [APISERVER]],
    ['this process has made it', 0, [HAND_MADE], [HAND_MADE]],
  ])('serves again where %s', (_what, ...how) => {
    expect(planned(...how)).toMatchObject({ action: 'none', reason: `backup ${RUN_ID} holds what is replaced` });
  });
});

it('that this process is to make serves all its tasks, though what is due is judged by the time of the first process', () => {
  const leaves = { apiserver: '5d', 'scheduler.conf': '5d' };
  const saved = afterTask(TASK, begun(DAY, [HAND_MADE], { leaves }));
  const halfWay = afterTask({ step: 'certs.regenerate' }, saved);
  const id = `${RUN_ID}-2`;
  expect(planOf(TASK, halfWay)).toMatchObject({
    action: 'none',
    reason: `backup ${id} contains everything that will change`,
  });
});
