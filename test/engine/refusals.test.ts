import { expect, test } from 'vitest';
import type { RefusePlan } from '../../src/core/plan.ts';
import { nothing } from '../../src/engine/plan/plan-task.ts';
import { reasonsOf } from '../../src/engine/plan/refusals.ts';

const refusal = (reason: string): RefusePlan => ({ action: 'refuse', code: 'copy-place', reason, remedy: '' });

test('a host takes no part for a reason that no rescue catches', () => {
  const caught = { ...nothing(refusal('caught')), condition: "caught by the rescue of 'B'" };
  const plans = new Map([
    [
      'a',
      new Map([
        ['tasks.0', caught],
        ['tasks.1', nothing(refusal('own'))],
      ]),
    ],
    ['b', new Map([['tasks.0', caught]])],
  ]);
  expect([...reasonsOf(plans)]).toEqual([['a', 'own']]);
});
