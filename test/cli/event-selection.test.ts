import { expect, it } from 'vitest';
import { EventSelection } from '../../src/cli/journal/narrow.ts';
import type { HostPlan, PlayPlan } from '../../src/core/events/plan.ts';
import { planTotals } from '../../src/core/plan-totals.ts';

it('counts in a plan that is narrowed only what the plan still holds', () => {
  const change = { kind: 'update', target: 'x', before: null, after: 1, disruptive: false } as const;
  const host = (name: string): HostPlan => ({
    host: name,
    tasks: [{ path: 'tasks.0', action: 'change', changes: [change] }],
  });
  const order = { mode: 'linear', reason: 'x', batches: [] } as unknown as PlayPlan['order'];
  const plan: PlayPlan = { play: 'P', order, tasks: [], hosts: [host('a'), host('b'), host('c')] };
  const selection = new EventSelection({ hosts: new Set(['b']), clusters: new Set(), clusterOf: new Map() });
  const event = { type: 'play-planned', plan, totals: planTotals(plan) } as const;
  expect(event.totals).toMatchObject({ change: 3, changes: 3 });
  expect(selection.narrowed(event)).toMatchObject({
    plan: { hosts: [{ host: 'b' }] },
    totals: { change: 1, unchanged: 0, changes: 1 },
  });
});
