import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { StepPlan } from '../../src/core/plan.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { untouchableAt } from '../../src/kubeadm/host/untouchable.ts';
import { fc } from '../support/random-cases.ts';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed, type Planning, planOf, type Task } from './support/planning.ts';
import { expectConverges, expectSound } from './support/soundness.ts';

const LEAVES = [
  'apiserver',
  'apiserver-kubelet-client',
  'front-proxy-client',
  'apiserver-etcd-client',
  'etcd-server',
  'etcd-peer',
  'etcd-healthcheck-client',
  'admin.conf',
  'super-admin.conf',
  'controller-manager.conf',
  'scheduler.conf',
  'kubelet-client',
  'kubelet-server',
];
const STATES = [
  '364d',
  '31d',
  '5d',
  '1h',
  '-1s',
  '-400d',
  'missing',
  'unreadable',
  'empty',
  'no key',
  'other key',
  'foreign signer',
  'not yet valid',
  'bundle',
];
const READERS = ['kubelet', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

const PKI = '/etc/kubernetes/pki';
/** Flags by which a leaf is kept in a file that is none of kplay's to write. */
const SHARING_FLAGS = [
  { 'kube-apiserver': { '--tls-private-key-file': `${PKI}/sa.key` } },
  { 'kube-apiserver': { '--service-account-signing-key-file': `${PKI}/apiserver.key` } },
  { 'kube-apiserver': { '--service-account-key-file': null } },
  { etcd: { '--cert-file': `${PKI}/etcd/ca.crt` } },
  { 'kube-controller-manager': { '--cluster-signing-key-file': `${PKI}/front-proxy-client.key` } },
];
/** Links by which it is, and others. */
const LINKS = [
  { [`${PKI}/apiserver.crt`]: 'ca.crt' },
  { [`${PKI}/etcd/peer.key`]: `${PKI}/sa.key` },
  { [`${PKI}/apiserver.key`]: 'private/apiserver.key' },
  { [`${PKI}/ca.crt`]: 'authorities/ca.crt', [`${PKI}/front-proxy-client.crt`]: 'authorities/ca.crt' },
];

const hosts: fc.Arbitrary<WorldDescription> = fc
  .record({
    etcd: fc.constantFrom('stacked' as const, 'stacked' as const, 'external' as const),
    superAdmin: fc.boolean(),
    leaves: fc.dictionary(fc.constantFrom(...LEAVES, '*'), fc.constantFrom(...STATES), { maxKeys: 6 }),
    authorities: fc.dictionary(
      fc.constantFrom('ca', 'etcd-ca', 'front-proxy-ca'),
      fc.constantFrom('3000d', '100d', '-1d', 'no key', 'other key', 'missing'),
      { maxKeys: 1 },
    ),
    aside: fc.subarray(
      LEAVES.filter((name) => !name.startsWith('kubelet')),
      { maxLength: 3 },
    ),
    kubelet: fc.record({
      conf: fc.constantFrom('files' as const, 'embedded' as const, 'missing' as const),
      rotates: fc.boolean(),
    }),
    processes: fc.dictionary(fc.constantFrom(...READERS), fc.constantFrom('20d', '40d', 'dead', 'unseen'), {
      maxKeys: 3,
    }),
    served: fc.dictionary(
      fc.constantFrom('apiserver', 'etcd-server', 'etcd-peer'),
      fc.constantFrom('other', 'not up', 'cannot ask'),
      { maxKeys: 2 },
    ),
    homes: fc.dictionary(fc.constantFrom('root', 'ops'), fc.constantFrom('same', '5d', '-5d', '300d')),
    backups: fc.array(
      fc.record({
        id: fc.constantFrom('20261120T000000Z-aaaa', '20261121T000000Z-bbbb'),
        older: fc.subarray(['/etc/kubernetes/pki/apiserver.crt', '/etc/kubernetes/admin.conf']),
      }),
      { maxLength: 1 },
    ),
    flags: fc.oneof(
      { weight: 5, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.constantFrom(...SHARING_FLAGS) },
    ),
    links: fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constantFrom(...LINKS) }),
    version: fc.constantFrom('1.11.10', '1.20.15', '1.28.2', '1.33.13', '1.37.0'),
    kubeadm: fc.constantFrom(undefined, undefined, undefined, 'none'),
  })
  .map(({ kubeadm, ...host }) => ({ ...host, ...(kubeadm !== undefined && { kubeadm }) }));

const shared = fc.record({
  renew_before: fc.constantFrom('30d', '0s', 'all'),
  extra_sans: fc.constantFrom([], ['api.example.org'], ['kubernetes', '192.0.2.9', 'FD00:0::9', 'API.example.com']),
  users: fc.constant(['root', 'ops']),
});
const making = fc.record({ method: fc.constantFrom('auto', 'renew', 'phase', 'native') });

describe('a renewal of any host', () => {
  test('plans soundly, names no CA, and leaves nothing for a second run', () => {
    let finished = 0;
    fc.assert(
      fc.property(hosts, shared, making, (host, params, method) => {
        const tasks = renewal(params, method);
        const planned = walk(tasks, begin(host));
        if (!planned) return;
        finished += 1;
        for (const task of tasks)
          expect([task.step, planOf(task, observed(task, planned)).action]).toEqual([
            task.step,
            expect.stringMatching(/none|check/),
          ]);
      }),
      { numRuns: 40, seed: 20_261_124 },
    );
    // The property says something of hosts that are renewed, not only of those that are refused.
    expect(finished).toBeGreaterThan(10);
  });
});

function renewal(params: JsonObject, method: JsonObject): readonly Task[] {
  const { renew_before, extra_sans, users } = params as { renew_before: string; extra_sans: string[]; users: string[] };
  const common = { renew_before, extra_sans, users };
  return [
    { step: 'certs.check', params: common },
    { step: 'certs.backup', params: common },
    { step: 'certs.delete', params: common },
    { step: 'certs.regenerate', params: { ...common, ...method } },
    { step: 'kubeconfig.regenerate', params: { ...common, ...method } },
    { step: 'control_plane.restart' },
    { step: 'cluster.verify' },
  ];
}

/** Nothing is planned, and nothing saved, for a file that no step may write. */
function expectUntouched({ world }: Planning, plan: StepPlan): void {
  if (plan.action !== 'change') return;
  const { untouchable, credentials } = world.get(kubernetesFiles);
  for (const { target, details = [] } of plan.changes) {
    const credential = credentials.find(({ name }) => name === target);
    const paths = credential ? [credential.certificatePath, credential.keyPath] : [target, ...details];
    expect(paths.filter((path) => path.startsWith('/') && untouchableAt(untouchable, path))).toEqual([]);
  }
}

/** The host after all tasks; undefined when one is refused. */
function walk(tasks: readonly Task[], start: Planning): Planning | undefined {
  let planning = start;
  for (const task of tasks) {
    planning = observed(task, planning);
    const plan: StepPlan = planOf(task, planning);
    expectSound(task, plan);
    expectUntouched(planning, plan);
    expect(planOf(task, planning)).toEqual(plan);
    expectConverges(task, planning, plan);
    if (plan.action === 'refuse') return undefined;
    if ('after' in plan && plan.after) planning = { ...planning, world: plan.after };
  }
  return planning;
}
