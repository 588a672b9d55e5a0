import { expect, it } from 'vitest';
import { NOW } from '../kubeadm/support/keys.ts';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed, planOf } from './support/planning.ts';

const RUN_ID = '20261124T120000Z-0001';
const APISERVER = '/etc/kubernetes/pki/apiserver.crt';
const HAND_MADE = '/etc/kubernetes/pki/front-proxy-client.crt';

/** What becomes of the backup of a run that is taken up again a day after it was made, on a host on which `older` was otherwise then. */
function backedUp(older: readonly string[], host: WorldDescription = {}, resumedAfterMs = 86_400_000) {
  const task = { step: 'certs.backup' };
  const planning = begin({ leaves: { apiserver: '5d' }, backups: [{ id: RUN_ID, older }], ...host });
  const resumedAt = new Date(NOW.getTime() + resumedAfterMs);
  const plan = planOf(task, observed(task, { ...planning, context: { ...planning.context, resumedAt } }));
  return plan.action === 'change' ? plan.changes.map(({ target }) => target) : plan;
}

it('is made anew where somebody has renewed something by hand since, which putting the old one back would undo', () => {
  expect(backedUp([HAND_MADE])).toEqual([`/var/backups/kplay/${RUN_ID}-2`]);
});

it.each<[string, readonly string[], WorldDescription, number]>([
  ['everything is as it was then', [], {}, 86_400_000],
  ['the host still stands in the midst of a change', [HAND_MADE], { aside: ['apiserver'] }, 86_400_000],
  ['it has been made since the run was taken up again', [HAND_MADE], {}, -864_000_000],
])('serves again where %s, and the journal is told so', (_what, older, host, resumedAfterMs) => {
  expect(backedUp(older, host, resumedAfterMs)).toMatchObject({
    action: 'none',
    evidence: { backup: RUN_ID, directory: '/var/backups/kplay' },
  });
});

it('is made anew where what is due is otherwise', () => {
  expect(backedUp([APISERVER])).toEqual([`/var/backups/kplay/${RUN_ID}-2`]);
});
