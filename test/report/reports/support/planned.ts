import type { Event } from '../../../../src/core/events/event.ts';
import type { HostPlan, PlayPlan, ShownTaskPlan } from '../../../../src/core/events/plan.ts';
import type { Change } from '../../../../src/core/plan.ts';
import { planTotals } from '../../../../src/core/plan-totals.ts';
import { EVERY_EVENT } from '../../support/events.ts';

export const STARTED: Event = { ...EVERY_EVENT['run-started'], command: 'plan', writes: false };
export const END = {
  type: 'run-finished',
  hosts: [],
  elapsedMs: 1_300,
  exitCode: 0,
  next: ['kplay run renew-certs.yml'],
} satisfies Event;
export const REFUSAL: ShownTaskPlan = {
  action: 'refuse',
  code: 'host-clock',
  reason: 'its etcd CA differs from that of prod-m1 and prod-m2',
  details: [['prod-m3', 'SHA256 77c0…4d  (etcd-ca, 2031-02-02)']],
  remedy: 'restore the CA from a backup',
};
export const FILE: Change = {
  kind: 'update',
  target: '/etc/app.conf',
  before: { content: 'level: info\npassword: hunter2\n' },
  after: { content: 'level: debug\npassword: hunter3\n' },
  disruptive: false,
};

export const planned = (plan: PlayPlan): readonly Event[] => [
  STARTED,
  { type: 'play-started', play: plan.play, hosts: plan.hosts.map(({ host }) => host) },
  { type: 'play-planned', plan, totals: planTotals(plan) },
  END,
];

export function withTask(plan: HostPlan, index: number, task: ShownTaskPlan): HostPlan {
  return { ...plan, tasks: plan.tasks.with(index, { ...task, path: `tasks.${index}` }) };
}

/** A plan of one task on hosts of their own text. */
export function planOf(tasks: Readonly<Record<string, ShownTaskPlan>>, play = 'Test'): PlayPlan {
  return {
    play,
    order: { name: 'linear', reason: '', batches: [Object.keys(tasks)] },
    tasks: [{ path: 'tasks.0', name: 'The task', step: 'some.step' }],
    hosts: Object.entries(tasks).map(([host, task]) => ({ host, tasks: [{ ...task, path: 'tasks.0' }] })),
  };
}

/** A plan for two clusters in which this text stands wherever a text may stand. */
export function hostilePlan(text: string): readonly Event[] {
  const change = { ...FILE, target: text, summary: text, details: [text], item: text };
  const plan: PlayPlan = {
    ...planOf(
      {
        [text]: { action: 'change', changes: [{ ...change, after: { content: `a\n${text}\nb` } }] },
        [`b${text}`]: { action: 'refuse', code: 'host-clock', reason: text, remedy: text, details: [[text, text]] },
        [`c${text}`]: { action: 'unknown', until: text },
      },
      text,
    ),
    cluster: { kind: 'declared', name: text },
    window: { state: 'shut', windows: text, reason: text, expected: text },
  };
  const about = { ...plan, hosts: plan.hosts.map((host, index) => (index === 0 ? host : { ...host, about: text })) };
  const other = { ...about, cluster: { kind: 'declared', name: `x${text}` } } as const;
  return [...planned(about).slice(0, -1), ...planned(other).slice(2, -1), { ...END, next: [text] }];
}
