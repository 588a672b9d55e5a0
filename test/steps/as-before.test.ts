import { expect, it } from 'vitest';
import type { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { processes } from '../../src/facts/processes/processes.ts';
import type { FileState } from '../../src/kubeadm/host/model.ts';
import type { Reader } from '../../src/kubeadm/restarts/restart.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { begin, observed, type Planning, planOf, stepNamed } from './support/planning.ts';

const TASK = { step: 'control_plane.restart' };
const START = observed(TASK, begin({}));

/** With a new link to kubelet's certificate, as an undo makes it. */
function relinked(world: World, change: Partial<FileState> = {}): World {
  const host = world.get(kubernetesFiles);
  const credentials = host.credentials.map((credential) => ({
    ...credential,
    ...(credential.name === 'kubelet-client' && {
      files: credential.files.map((file) => ({ ...file, linkedAt: NOW.getTime() / 1000 - 1, ...change })),
    }),
  }));
  return world.set(kubernetesFiles, { ...host, credentials });
}

/** With another process, or none. */
function withProcess(world: World, component: Reader, change: { readonly startTicks: number } | undefined): World {
  const table = world.get(processes);
  const changed = table.processes.flatMap((one) =>
    one.component === component ? (change ? [{ ...one, ...change }] : []) : [one],
  );
  return world.set(processes, { ...table, processes: changed });
}

/** What is restarted after a link was made anew, and why. */
function restarts(now: World, beforeUndone: World | undefined): readonly string[] {
  const plan = planOf(TASK, {
    ...START,
    world: now,
    context: { ...START.context, ...(beforeUndone && { beforeUndone }) },
  });
  return plan.action === 'change' ? plan.changes.map(({ target, summary }) => `${target} ${summary}`) : [];
}

it('a kubelet that has run since before the changes and finds its certificate again is not restarted by their undo', () => {
  expect(restarts(relinked(START.world), START.world)).toEqual([]);
});

it.each<[what: string, before: World | undefined, change?: Partial<FileState>]>([
  ['outside of an undo', undefined],
  ['that was another process before', withProcess(START.world, 'kubelet', { startTicks: 1 })],
  ['that did not run before', withProcess(START.world, 'kubelet', undefined)],
  ['that was older than its certificate before', relinked(START.world)],
  ['that finds another certificate', START.world, { sha256: 'other' }],
  ['that finds another link', START.world, { link: '/var/lib/kubelet/pki/other.pem' }],
])('a kubelet %s is restarted for a younger link', (_what, before, change) => {
  expect(restarts(relinked(START.world, change), before)).toEqual(['kubelet is older than kubelet-client-current.pem']);
});

it('a kubelet that has started since the changes is restarted when its own serving pair is the old one again', () => {
  const [other, host] = [{ startTicks: 1 }, START.world.get(kubernetesFiles)];
  const putBack = (change: Partial<FileState> = {}): World => {
    const credentials = host.credentials.map((credential) => ({
      ...credential,
      ...(credential.name === 'kubelet-server' && {
        files: credential.files.map((file) => ({ ...file, modifiedAt: NOW.getTime() / 1000 - 1, ...change })),
      }),
    }));
    return START.world.set(kubernetesFiles, { ...host, credentials });
  };
  const before = withProcess(START.world, 'kubelet', other);
  expect(restarts(putBack(), before)).toEqual(['kubelet may have loaded what is undone']);
  // It has not been restarted since, so it has loaded the old pair; or it has itself made the one that is there.
  expect(restarts(putBack(), START.world)).toEqual([]);
  expect(restarts(putBack({ sha256: 'made by kubelet' }), before)).toEqual([]);
  expect(restarts(START.world, before)).toEqual([]);
  expect(restarts(putBack(), undefined)).toEqual([]);
});

it.each<Reader>(['kube-controller-manager', 'kube-scheduler'])(
  'a %s that has started since the changes is restarted by their undo, for its files have their old times again',
  (reader) => {
    expect(restarts(START.world, withProcess(START.world, reader, { startTicks: 1 }))).toEqual([
      `${reader} may have loaded what is undone`,
    ]);
    expect(restarts(START.world, withProcess(START.world, reader, undefined))).toEqual([]);
    expect(restarts(START.world, START.world)).toEqual([]);
  },
);

it.each<Reader>(['etcd', 'kube-apiserver'])('%s, which looks at its files again, is not', (reader) => {
  expect(restarts(START.world, withProcess(START.world, reader, { startTicks: 1 }))).toEqual([]);
});

it('the kubelet of a worker has not been restarted before it has settled: what comes before only waits', () => {
  const worker = observed(TASK, begin({ role: 'worker', node: 'worker-1', processes: { kubelet: 'dead' } }));
  const late = [worker, withDeadScheduler()].map((planning) => {
    const { world, context } = planning;
    const plan = planOf(TASK, planning);
    if (plan.action !== 'change') throw new Error(`it is to ${plan.action}`);
    const planned = { changes: plan.changes, plan, world, planContext: context };
    return stepNamed(TASK.step).settleChanges?.(planned);
  });
  expect(late).toEqual([true, false]);
});

function withDeadScheduler(): Planning {
  return observed(TASK, begin({ processes: { 'kube-scheduler': 'dead' } }));
}
