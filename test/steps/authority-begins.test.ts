import { expect, test } from 'vitest';
import { DAY, NOW } from '../kubeadm/support/keys.ts';
import { begin, observed, planOf } from './support/planning.ts';

/** Before any of the CAs begins. */
const START = new Date(NOW.getTime() - 4_000 * DAY);

test.each(['certs.regenerate', 'kubeconfig.regenerate'])('%s signs with a CA that was made in the run', (step) => {
  const task = { step, params: { renew_before: 'all', method: 'native' } };
  const start = begin({ backups: [{ id: 'b' }] });
  const context = { ...start.context, now: START, observedAt: () => NOW };
  expect(planOf(task, observed(task, { ...start, context })).action).toBe('change');
});
