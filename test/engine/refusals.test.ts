import { expect, test } from 'vitest';
import type { RefusePlan } from '../../src/core/plan.ts';
import { nothing } from '../../src/engine/plan/host-task-plan.ts';
import { reasonsOf } from '../../src/engine/plan/refusals.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { plan } from './support/workshop.ts';

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

test('a host that is refused for a reason known beforehand is read for the tasks before it, and described', async () => {
  const playbook = `- hosts: all
  tasks:
    - age: { key: a }
    - doomed: { why: a quote is not closed }
`;
  const { result } = await plan(playbook, [new FakeHost('h', { a: '7' })]);
  expect(result.plans[0]?.hosts).toMatchObject([{ about: 'a is 7', tasks: [{}, { reason: 'a quote is not closed' }] }]);
});
