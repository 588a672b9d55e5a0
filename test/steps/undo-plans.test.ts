import { expect, test } from 'vitest';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed, planOf } from './support/planning.ts';

const RESTORE = { step: 'certs.restore', params: { backup: 'a' } };
const BACKUP = { id: 'a', older: ['/etc/kubernetes/admin.conf'], ends: '200d' };

/** The plan of a restore, as a rollback and as the undo of a run. */
function restoreOn(system: NonNullable<WorldDescription['system']>) {
  const start = begin({ backups: [BACKUP], system });
  const undo = { ...start, context: { ...start.context, beforeUndone: start.world } };
  return [start, undo].map((planning) => planOf(RESTORE, observed(RESTORE, planning)).action);
}

test.each<readonly [string, NonNullable<WorldDescription['system']>]>([
  ['whose clock was set in the meantime', { skew: '5m' }],
  ['whose files cannot all be written any more', { writable: false }],
])('a host %s is refused a rollback, but not an undo', (_what, system) => {
  expect(restoreOn(system)).toEqual(['refuse', 'change']);
});
