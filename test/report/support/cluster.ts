import type { HostPlan, PlayPlan, ShownTaskPlan } from '../../../src/core/events/plan.ts';
import type { HostRecap } from '../../../src/core/events/recap.ts';
import type { TaskRef } from '../../../src/core/events/task.ts';
import type { Change } from '../../../src/core/plan.ts';

/** Three masters whose certificates have expired, what a plan says of them and what comes of it. */

export const START = new Date('2026-11-24T15:12:44Z');
const BACKUP = '/var/backups/kplay/20261124T151244Z-3f9c';
export const PLAY = 'Renew the leaf certificates of kubeadm control planes';
export const MASTERS = ['prod-m1', 'prod-m2', 'prod-m3'] as const;

export const TASKS: readonly TaskRef[] = [
  ['Check all certificates', 'certs.check'],
  ['Back up what will change', 'certs.backup'],
  ['Move due leaf certificates aside', 'certs.delete'],
  ['Regenerate certificates', 'certs.regenerate'],
  ['Update kubeconfigs', 'kubeconfig.regenerate'],
  ['Restart the control plane', 'control_plane.restart'],
  ['Verify the cluster', 'cluster.verify'],
].map(([name = '', step = ''], index) => ({ path: `tasks.${index}`, name, step }));

export function task(index: number): TaskRef {
  const found = TASKS[index];
  if (!found) throw new RangeError(`the play has no task ${index}`);
  return found;
}

const LEAVES: readonly (readonly [name: string, names: number])[] = [
  ['apiserver', 9],
  ['apiserver-kubelet-client', 0],
  ['front-proxy-client', 0],
  ['etcd-server', 5],
  ['etcd-peer', 5],
  ['etcd-healthcheck-client', 0],
  ['apiserver-etcd-client', 0],
];

const KUBECONFIGS = ['admin.conf', 'controller-manager.conf', 'scheduler.conf'];

export const BACKUP_CHANGE: Change = {
  kind: 'create',
  target: BACKUP,
  before: null,
  after: { files: 25 },
  summary: '25 files, 96 kB',
  details: ['/etc/kubernetes/pki/apiserver.crt', '/etc/kubernetes/pki/apiserver.key'],
  disruptive: false,
};

export const DELETE_CHANGES: readonly Change[] = LEAVES.map(([target]) => ({
  kind: 'remove',
  target,
  before: { serial: '51A0' },
  after: null,
  summary: 'moved aside: expired 2026-11-23',
  disruptive: false,
}));

export function renewal(target: string, names = 0): Change {
  return {
    kind: 'create',
    target,
    before: { ends: '2026-11-23T15:12:00.000Z' },
    after: { ends: '2027-11-24T15:12:44.000Z', made_by: 'kubeadm' },
    summary: `expires 2026-11-23 → 2027-11-24   renew${names > 0 ? `   SANs kept: ${names}` : ''}`,
    disruptive: false,
  };
}

export const LEAF_CHANGES: readonly Change[] = LEAVES.map(([name, names]) => renewal(name, names));

export const KUBECONFIG_CHANGES: readonly Change[] = [
  ...KUBECONFIGS.map((name) => renewal(name)),
  {
    kind: 'update',
    target: '/root/.kube/config',
    before: { user: 'kubernetes-admin' },
    after: { copy_of: 'admin.conf' },
    summary: 'user kubernetes-admin; 2 other contexts kept',
    disruptive: false,
  },
];

export const RESTART_CHANGES: readonly Change[] = [
  ['kubelet', 'kubelet', 'is older than kubelet.conf'],
  ['etcd', 'etcd', 'serves another certificate than etcd-server'],
  ['kube-apiserver', 'kube-apiserver', 'is not running'],
  ['kube-controller-manager', 'controllers', 'is not running'],
  ['kube-scheduler', 'controllers', 'is not running'],
].map(([target = '', stage = '', summary = '']) => ({
  kind: 'restart',
  target,
  before: null,
  after: null,
  summary,
  disruptive: true,
  stage,
}));

function change(changes: readonly Change[]): ShownTaskPlan {
  const [first, ...others] = changes;
  if (!first) throw new RangeError('a plan to change holds a change');
  return { action: 'change', changes: [first, ...others] };
}

export function masterPlan(host: string): HostPlan {
  return {
    host,
    about: 'kubeadm v1.33.13 · containerd · stacked etcd',
    tasks: inOrder(
      { action: 'none', reason: '11 certificates, 10 expired, 10 due' },
      change([BACKUP_CHANGE]),
      change(DELETE_CHANGES),
      change(LEAF_CHANGES),
      change(KUBECONFIG_CHANGES),
      change(RESTART_CHANGES),
      { action: 'check', expectation: 'each port serves what is on disk, and the node is Ready' },
    ),
  };
}

function inOrder(...plans: readonly ShownTaskPlan[]): HostPlan['tasks'] {
  return plans.map((plan, index) => ({ ...plan, path: `tasks.${index}` }));
}

export const RECOVERY_PLAN: PlayPlan = {
  play: PLAY,
  order: {
    name: 'recovery',
    reason:
      "etcd's peer certificates have expired on 3 of 3 masters (a serial renewal would wait for a quorum that cannot form)",
    batches: [MASTERS],
  },
  tasks: TASKS,
  hosts: MASTERS.map(masterPlan),
};

export function recap(host: string, more: Partial<HostRecap> = {}): HostRecap {
  return {
    host,
    ok: 7,
    changed: 5,
    unreachable: 0,
    failed: 0,
    skipped: 0,
    ignored: 0,
    refused: 0,
    rescued: 0,
    restored: 0,
    state: 'changed',
    changes: [...LEAF_CHANGES, ...KUBECONFIG_CHANGES],
    ...more,
  };
}
