import type { Event } from '../../../src/core/event.ts';
import type { EventOf } from '../../../src/report/reporter.ts';
import { DELETE_CHANGES, MASTERS, PLAY, RECOVERY_PLAN, recap, task } from './cluster.ts';

/** One event of each type with every field, optional ones included: that none is missing is checked by the compiler. */
export const EVERY_EVENT: { readonly [Type in Event['type']]: Required<EventOf<Type>> } = {
  'run-started': {
    type: 'run-started',
    runId: '20261124T151244Z-3f9c',
    command: 'run',
    source: 'playbooks/renew-certs.yml',
    kplayVersion: '0.1.0',
    writes: true,
  },
  'play-started': { type: 'play-started', play: PLAY, hosts: MASTERS },
  'host-connected': { type: 'host-connected', host: 'prod-m1', elapsedMs: 120 },
  'host-unreachable': {
    type: 'host-unreachable',
    host: 'prod-m2',
    reason: 'timeout',
    message: 'no answer within 10s',
    remedy: 'see whether it runs',
  },
  'host-refused': {
    type: 'host-refused',
    host: 'prod-m3',
    reason: 'the host is no longer as it was planned on',
    details: [['apiserver', 'renewed meanwhile']],
    remedy: 'make a new plan',
  },
  'host-observed': { type: 'host-observed', host: 'prod-m1', facts: 42, elapsedMs: 200 },
  'play-planned': { type: 'play-planned', plan: RECOVERY_PLAN },
  'play-refused': {
    type: 'play-refused',
    play: PLAY,
    reason: 'the etcd-ca of prod-m3 differs from that of prod-m1, prod-m2',
    details: [['prod-m3', 'SHA256 77c0…4d']],
    remedy: 'restore the CA on prod-m3',
  },
  'batch-started': { type: 'batch-started', number: 1, of: 2, hosts: MASTERS },
  'task-started': { type: 'task-started', task: task(5), hosts: MASTERS },
  'stage-started': { type: 'stage-started', task: task(5), stage: 'etcd', hosts: MASTERS },
  'stage-finished': { type: 'stage-finished', task: task(5), stage: 'etcd', elapsedMs: 6_000 },
  'task-progress': {
    type: 'task-progress',
    task: task(5),
    host: 'prod-m1',
    message: 'etcd does not serve yet',
    elapsedMs: 12_000,
    limitMs: 240_000,
  },
  'task-finished': {
    type: 'task-finished',
    task: task(5),
    host: 'prod-m1',
    outcome: 'failed',
    reason: 'etcd did not answer within 240s',
    told: '12 other containers untouched',
    changes: DELETE_CHANGES,
    details: [['last answer', 'connection refused']],
    remedy: 'look at its log',
    elapsedMs: 240_000,
  },
  'undo-started': { type: 'undo-started', host: 'prod-m1', step: 'certs.restore', because: "'Restart' failed" },
  'undo-finished': { type: 'undo-finished', host: 'prod-m1', succeeded: true, message: '12 changes', elapsedMs: 900 },
  warning: { type: 'warning', host: 'prod-m1', message: 'its lock was left', remedy: 'remove it' },
  interrupted: { type: 'interrupted', message: 'stopping after the step in hand; Ctrl-C again stops at once' },
  'play-finished': { type: 'play-finished', play: PLAY, elapsedMs: 38_000 },
  'run-finished': {
    type: 'run-finished',
    hosts: [recap('prod-m1')],
    elapsedMs: 38_000,
    exitCode: 0,
    next: ['kplay check -i prod.yml'],
  },
};

type OptionalKeys<T> = { [Key in keyof T]-?: Pick<T, Key> extends Required<Pick<T, Key>> ? never : Key }[keyof T];

/** The optional fields of each type of event: that these are all is checked by the compiler. */
export const OPTIONAL_FIELDS: { readonly [Type in Event['type']]: Record<OptionalKeys<EventOf<Type>>, true> } = {
  'run-started': {},
  'play-started': {},
  'host-connected': {},
  'host-unreachable': { remedy: true },
  'host-refused': {},
  'host-observed': {},
  'play-planned': {},
  'play-refused': { details: true },
  'batch-started': {},
  'task-started': {},
  'stage-started': {},
  'stage-finished': {},
  'task-progress': { limitMs: true },
  'task-finished': { told: true, details: true, remedy: true },
  'undo-started': {},
  'undo-finished': {},
  warning: { host: true, remedy: true },
  interrupted: {},
  'play-finished': {},
  'run-finished': {},
};
