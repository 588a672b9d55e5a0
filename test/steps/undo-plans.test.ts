import { expect, test } from 'vitest';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed, planOf, type Task } from './support/planning.ts';

const RESTORE = { step: 'certs.restore', params: { backup: 'a' } };
const RESTART = { step: 'control_plane.restart' };

/** The plan of a step on its own, and in the undo of a run. */
function plansOf(task: Task, description: WorldDescription) {
  const start = begin(description);
  const undo = { ...start, context: { ...start.context, beforeUndone: start.world } };
  return [start, undo].map((planning) => planOf(task, observed(task, planning)).action);
}

type Case = readonly [string, NonNullable<WorldDescription['system']>];

const CASES: readonly Case[] = [
  ['whose clock was set in the meantime', { skew: '5m' }],
  ['whose files cannot all be written any more', { writable: false }],
];

test.each(CASES)('a host %s is refused a rollback, but not an undo', (_what, system) => {
  const backups = [{ id: 'a', older: ['/etc/kubernetes/admin.conf'], ends: '200d' }];
  expect(plansOf(RESTORE, { backups, system })).toEqual(['refuse', 'change']);
});

test.each<Case>([...CASES, ['whose disk is full', { kilobytes: 72 }]])(
  'a host %s is refused a restart, but not that of an undo',
  (_what, system) => {
    expect(plansOf(RESTART, { written: { 'etcd-peer': '1h' }, system })).toEqual(['refuse', 'change']);
  },
);
