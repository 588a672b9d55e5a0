import type { Event } from '../../../src/core/events/event.ts';
import type { PlayPlan } from '../../../src/core/events/plan.ts';
import { planTotals } from '../../../src/core/plan-totals.ts';
import {
  BACKUP_CHANGE,
  DELETE_CHANGES,
  KUBECONFIG_CHANGES,
  LEAF_CHANGES,
  MASTERS,
  PLAY,
  RECOVERY_PLAN,
  RESTART_CHANGES,
  recap,
  TASKS,
  task,
} from './cluster.ts';

/** Recorded runs. */

/** An event and when it happens, in milliseconds from the start. */
export type Timed = readonly [atMs: number, event: Event];

const RUN_STARTED: Event = {
  type: 'run-started',
  runId: '20261124T151244Z-3f9c',
  command: 'run',
  source: 'playbooks/renew-certs.yml',
  kplayVersion: '0.1.0',
  writes: true,
};

/** Each host at a time of its own. */
function each(
  hosts: readonly string[],
  atMs: number,
  event: (host: string, elapsedMs: number) => Event,
): readonly Timed[] {
  const spread = (index: number) => Math.floor((index / hosts.length) * 300);
  return hosts.map((host, index): Timed => [atMs + spread(index), event(host, spread(index))]);
}

function connecting(hosts: readonly string[], plan: PlayPlan): readonly Timed[] {
  return [
    [0, RUN_STARTED],
    [0, { type: 'play-started', play: plan.play, hosts }],
    ...each(hosts, 100, (host, elapsedMs) => ({ type: 'host-connected', host, elapsedMs: elapsedMs + 100 })),
    ...each(hosts, 300, (host) => ({ type: 'host-observed', host, facts: 42, elapsedMs: 200 })),
    [600, { type: 'play-planned', plan, totals: planTotals(plan) }],
  ];
}

/** A task that ends well on all hosts. */
function goodTask(index: number, hosts: readonly string[], fromMs: number, toMs: number, end: Ended): readonly Timed[] {
  return [
    [fromMs, { type: 'task-started', task: task(index), hosts }],
    ...hosts.map((host): Timed => [toMs, finished(index, host, { ...end, elapsedMs: toMs - fromMs })]),
  ];
}

type Ended = Partial<Omit<Extract<Event, { type: 'task-finished' }>, 'type' | 'task' | 'host'>>;

export function finished(index: number, host: string, end: Ended): Event {
  return {
    type: 'task-finished',
    task: task(index),
    host,
    outcome: 'changed',
    reason: '',
    changes: [],
    elapsedMs: 0,
    ...end,
  };
}

/** The first five tasks of the play, all well, from one second on to ten. */
function firstTasks(hosts: readonly string[]): readonly Timed[] {
  return [
    ...goodTask(0, hosts, 1_000, 1_400, { outcome: 'ok', reason: '11 certificates, 10 expired, 10 due' }),
    ...goodTask(1, hosts, 1_400, 2_300, { changes: [BACKUP_CHANGE] }),
    ...goodTask(2, hosts, 2_300, 2_500, { changes: DELETE_CHANGES }),
    ...goodTask(3, hosts, 2_500, 7_300, { changes: LEAF_CHANGES }),
    ...goodTask(4, hosts, 7_300, 9_400, { changes: KUBECONFIG_CHANGES }),
  ];
}

/** The restart up to where the API servers are waited for, twenty-one seconds in. */
const RESTART_BEGINS: readonly Timed[] = [
  [9_400, { type: 'task-started', task: task(5), hosts: MASTERS }],
  [9_400, { type: 'stage-started', task: task(5), stage: 'etcd', hosts: MASTERS }],
  ...each(MASTERS, 10_000, (host) => ({
    type: 'task-progress',
    task: task(5),
    host,
    message: 'etcd does not serve yet (connection refused)',
    elapsedMs: 500,
    limitMs: 240_000,
  })),
  [15_400, { type: 'stage-finished', task: task(5), stage: 'etcd', elapsedMs: 6_000 }],
  [15_400, { type: 'stage-started', task: task(5), stage: 'kube-apiserver', hosts: MASTERS }],
  [
    18_000,
    {
      type: 'task-progress',
      task: task(5),
      host: 'prod-m2',
      message: 'container restarted, waiting for readyz',
      elapsedMs: 2_000,
      limitMs: 120_000,
    },
  ],
  [
    18_000,
    {
      type: 'task-progress',
      task: task(5),
      host: 'prod-m3',
      message: 'waiting for kubelet to start the pod',
      elapsedMs: 4_000,
      limitMs: 120_000,
    },
  ],
  [19_000, finished(5, 'prod-m1', { changes: RESTART_CHANGES, elapsedMs: 9_600 })],
];

/** Three masters are renewed, in one batch. */
export const GOOD_RUN: readonly Timed[] = [
  ...connecting(MASTERS, RECOVERY_PLAN),
  [1_000, { type: 'batch-started', number: 1, of: 1, hosts: MASTERS }],
  ...firstTasks(MASTERS),
  ...RESTART_BEGINS,
  [24_000, { type: 'stage-finished', task: task(5), stage: 'kube-apiserver', elapsedMs: 8_600 }],
  [24_000, finished(5, 'prod-m2', { changes: RESTART_CHANGES, elapsedMs: 14_600 })],
  [24_000, finished(5, 'prod-m3', { changes: RESTART_CHANGES, elapsedMs: 14_600 })],
  ...goodTask(6, MASTERS, 24_000, 38_000, { outcome: 'ok', reason: '3 ports serve what is on disk, node Ready' }),
  [38_200, { type: 'play-finished', play: PLAY, elapsedMs: 38_200 }],
  [
    38_200,
    {
      type: 'run-finished',
      hosts: MASTERS.map((host) => recap(host)),
      elapsedMs: 38_200,
      exitCode: 0,
      next: ['kplay check -i prod.yml', 'to undo it: kplay rollback -i prod.yml --backup 20261124T151244Z-3f9c'],
    },
  ],
];

const FAILURE_DETAILS = [
  ['last answer', '500, etcd: context deadline exceeded'],
  ['container', 'kube-apiserver exited 3 times; its last line: "tls: private key does not match public key"'],
] as const;

/** The second master fails, is put back, and the third is not started. */
export const FAILED_RUN: readonly Timed[] = [
  ...connecting(MASTERS, RECOVERY_PLAN),
  [1_000, { type: 'batch-started', number: 1, of: 1, hosts: MASTERS }],
  ...firstTasks(MASTERS),
  ...RESTART_BEGINS,
  [
    139_000,
    finished(5, 'prod-m2', {
      outcome: 'failed',
      reason: 'readyz did not answer within 120s',
      details: FAILURE_DETAILS,
      remedy: 'look at the logs of the component, then run again: nothing that is good already is done twice',
      code: 'not-in-time',
      changes: RESTART_CHANGES.slice(0, 2),
      elapsedMs: 129_600,
    }),
  ],
  [
    139_000,
    finished(5, 'prod-m3', {
      outcome: 'cancelled',
      reason: 'a master failed, and this order goes one at a time',
      elapsedMs: 129_600,
    }),
  ],
  [139_000, { type: 'stage-finished', task: task(5), stage: 'kube-apiserver', elapsedMs: 123_600 }],
  [
    139_100,
    { type: 'undo-started', host: 'prod-m2', step: 'certs.restore', because: "'Restart the control plane' failed" },
  ],
  [
    150_100,
    {
      type: 'undo-finished',
      host: 'prod-m2',
      succeeded: true,
      message: 'from backup 20261124T151244Z-3f9c, restarted, healthy again',
      elapsedMs: 11_000,
    },
  ],
  [150_200, { type: 'play-finished', play: PLAY, elapsedMs: 150_200 }],
  [
    150_200,
    {
      type: 'run-finished',
      hosts: [
        recap('prod-m1'),
        recap('prod-m2', { ok: 5, changed: 4, failed: 1, restored: 1, state: 'restored', changes: [] }),
        recap('prod-m3', {
          ok: 5,
          changed: 4,
          state: 'partly-changed',
          stopped: { why: 'cancelled', at: 'Restart the control plane', path: 'tasks.5' },
        }),
      ],
      elapsedMs: 150_200,
      exitCode: 2,
      next: ['kplay run playbooks/renew-certs.yml -i prod.yml'],
    },
  ],
];

/** Masters one after another; the second cannot be reached when its turn comes. */
export const PLANNED_RUN: readonly Timed[] = [
  ...connecting(MASTERS, {
    ...RECOVERY_PLAN,
    order: { name: 'planned', reason: 'etcd has its quorum', batches: MASTERS.map((host) => [host]) },
  }),
  [1_000, { type: 'batch-started', number: 1, of: 3, hosts: ['prod-m1'] }],
  ...firstTasks(['prod-m1']),
  ...goodTask(5, ['prod-m1'], 9_400, 20_000, { changes: RESTART_CHANGES }),
  ...goodTask(6, ['prod-m1'], 20_000, 21_000, { outcome: 'ok', reason: '3 ports serve what is on disk, node Ready' }),
  [21_000, { type: 'batch-started', number: 2, of: 3, hosts: ['prod-m2'] }],
  [
    22_000,
    {
      type: 'host-unreachable',
      host: 'prod-m2',
      cause: 'timeout',
      reason: 'no answer from 10.0.0.12:22 within 10s',
      remedy: 'see whether it runs: kplay check -i prod.yml --limit prod-m2',
    },
  ],
  [22_100, { type: 'play-finished', play: PLAY, elapsedMs: 22_100 }],
  [
    22_100,
    {
      type: 'run-finished',
      hosts: [
        recap('prod-m1'),
        recap('prod-m2', { ok: 0, changed: 0, unreachable: 1, state: 'unchanged', changes: [] }),
        recap('prod-m3', { ok: 0, changed: 0, state: 'unchanged', changes: [] }),
      ],
      elapsedMs: 22_100,
      exitCode: 4,
      next: [],
    },
  ],
];

const IDLE_PLAN: PlayPlan = {
  ...RECOVERY_PLAN,
  order: { name: 'planned', reason: 'etcd has its quorum', batches: [MASTERS] },
  hosts: MASTERS.map((host) => ({
    host,
    tasks: TASKS.map(({ path }) => ({ path, action: 'none', reason: 'nothing is due' })),
  })),
};

/** Nothing is due. */
export const IDLE_RUN: readonly Timed[] = [
  ...connecting(MASTERS, IDLE_PLAN),
  [600, { type: 'batch-started', number: 1, of: 1, hosts: MASTERS }],
  ...TASKS.flatMap((_, index) =>
    goodTask(index, MASTERS, 600, 600, {
      outcome: 'ok',
      reason: index === 0 ? '11 certificates, none due; the first expires in 364d' : 'nothing is due',
    }),
  ),
  [650, { type: 'play-finished', play: PLAY, elapsedMs: 650 }],
  [
    650,
    {
      type: 'run-finished',
      hosts: MASTERS.map((host) => recap(host, { changed: 0, state: 'unchanged', changes: [] })),
      elapsedMs: 650,
      exitCode: 0,
      next: [],
    },
  ],
];

/** Many hosts go through one task; each says something again and again, and one of them fails. */
export function fleetRun(size: number): readonly Timed[] {
  const hosts = Array.from({ length: size }, (_, index) => `worker-${String(index + 1).padStart(3, '0')}`);
  const ref = { path: 'tasks.0', name: 'Restart kubelet', step: 'service' };
  const order = { name: 'linear', reason: '', batches: [hosts] };
  const plan: PlayPlan = { play: 'Restart kubelet everywhere', order, tasks: [ref], hosts: [] };
  const told = hosts.flatMap((host, index): readonly Timed[] => {
    const endMs = 2_000 + index * 100;
    const looks = Array.from({ length: 40 }, (_, look): Timed => {
      const elapsedMs = look * 250;
      return [
        1_000 + elapsedMs,
        {
          type: 'task-progress',
          task: ref,
          host,
          message: `node ${host} is NotReady`,
          elapsedMs: elapsedMs + index * 10,
          limitMs: 120_000,
        },
      ];
    });
    const outcome = index === 3 ? 'failed' : 'changed';
    const reason = index === 3 ? 'the node did not become Ready within 120s' : 'kubelet restarted';
    const end: Event = {
      type: 'task-finished',
      task: ref,
      host,
      outcome,
      reason,
      changes: [],
      elapsedMs: endMs - 1_000,
    };
    return [...looks.filter(([atMs]) => atMs < endMs), [endMs, end]];
  });
  return [
    ...connecting(hosts, plan),
    [1_000, { type: 'batch-started', number: 1, of: 1, hosts }],
    [1_000, { type: 'task-started', task: ref, hosts }],
    ...told,
    [30_000, { type: 'play-finished', play: plan.play, elapsedMs: 30_000 }],
  ];
}
export const FLEET_RUN = fleetRun(200);
