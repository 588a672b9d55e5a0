import type { ClusterRef, ClusterWindow } from '../../../src/core/cluster.ts';
import type { Event } from '../../../src/core/events/event.ts';
import type { PlayPlan, ShownTaskPlan } from '../../../src/core/events/plan.ts';
import { planTotals } from '../../../src/core/plan-totals.ts';
import type { EventOf } from '../../../src/report/reporter.ts';
import { EVERY_EVENT } from './events.ts';

/** The plan of six clusters in two waves: one of each kind. */

export const NOW = new Date('2026-11-26T12:00:00Z');
export const PLAY = 'Renew the leaf certificates';
export const CHANGE: ShownTaskPlan = {
  action: 'change',
  changes: [{ kind: 'update', target: 'apiserver', before: null, after: null, disruptive: false }],
};
export const NONE: ShownTaskPlan = { action: 'none', reason: 'none is due' };
export const REFUSED: ShownTaskPlan = {
  action: 'refuse',
  code: 'no-room',
  reason: 'the disk is full',
  remedy: 'make room',
};
export const SHUT: ClusterWindow = {
  state: 'shut',
  windows: 'Tue-Thu 01:00-04:00 Europe/Berlin',
  reason: 'outside its windows; it may start Tue 2026-12-01 01:00 Europe/Berlin',
  expected: '30m (default)',
  opens: '2026-12-01T00:00:00.000Z',
};
export const OPEN: ClusterWindow = {
  state: 'open',
  windows: 'daily 00:00-24:00 UTC',
  reason: 'open until Fri 2026-11-27 00:00 UTC',
  expected: '30m (default)',
  until: '2026-11-27T00:00:00.000Z',
};

const named = (name: string): ClusterRef => ({ kind: 'declared', name });

export function planned(
  name: string,
  ends: string | undefined,
  hosts: readonly ShownTaskPlan[],
  window?: ClusterWindow,
): Event {
  const plan: PlayPlan = {
    play: PLAY,
    cluster: named(name),
    ...(window && { window }),
    ...(ends !== undefined && { facts: { expires: { host: `${name}-m1`, name: 'apiserver', ends } } }),
    order: { name: 'planned', reason: '', batches: [] },
    tasks: [{ path: 'tasks.0', name: 'Renew', step: 'certs.regenerate' }],
    hosts: hosts.map((task, index) => ({ host: `${name}-m${index + 1}`, tasks: [{ ...task, path: 'tasks.0' }] })),
  };
  return { type: 'play-planned', plan, totals: planTotals(plan) };
}

const RECAP = {
  ...{ ok: 0, changed: 0, unreachable: 1, failed: 0, skipped: 0, ignored: 0, refused: 0, rescued: 0, restored: 0 },
  state: 'unchanged',
  changes: [],
} as const;

const LATE = { host: 'late-m1', name: 'apiserver', ends: '2026-11-27T00:00:00Z' };
export const PLANS: readonly Event[] = [
  { type: 'play-started', play: PLAY, hosts: [] },
  planned('prod-eu', '2026-12-03T00:00:00Z', [CHANGE, CHANGE, REFUSED], SHUT),
  planned('staging-eu', '2026-11-23T00:00:00Z', [CHANGE], OPEN),
  planned('late', '2026-11-27T00:00:00Z', [CHANGE], SHUT),
  {
    type: 'window-late',
    play: PLAY,
    cluster: named('late'),
    certificates: [LATE],
    window: SHUT,
    reason: `apiserver of late-m1 expires 2026-11-27, before cluster late may be changed: ${SHUT.reason}`,
    remedy: 'give the cluster an earlier window',
  },
  planned('prod-us', '2027-10-01T00:00:00Z', [NONE, NONE]),
  {
    type: 'play-refused',
    code: 'masters-differ',
    play: PLAY,
    cluster: named('prod-ap'),
    hosts: ['prod-ap-m1', 'prod-ap-m2'],
    reason: 'its hosts hold two etcd CAs',
    remedy: 'restore one of them',
  },
];
export const WAVES = {
  type: 'rollout-planned',
  play: PLAY,
  waves: [
    { name: 'canary', clusters: ['staging-eu'], maxFailed: 0 },
    { name: 'rest', clusters: ['late', 'prod-eu', 'prod-us', 'prod-ap'], approval: 'manual' },
  ],
} as const satisfies Event;
export const END: EventOf<'run-finished'> = {
  ...EVERY_EVENT['run-finished'],
  contacts: [{ cluster: 'prod-ap', contact: 'Team AP, +65 1234' }],
  hosts: [{ ...RECAP, host: 'prod-sa-m1', cluster: named('prod-sa') }],
};
