import type { PlanWarning } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import { credentialsReadBy } from '../../kubeadm/restarts/restart.ts';
import { validityAt } from '../../pki/verify.ts';
import { healthOf, isHealthy, isHidden, processOf } from './control-plane-facts.ts';

/** Readiness checks of an API server that depend on etcd only, which the restart may bring back. */
const OF_ETCD = /^etcd/;

/** Warns about what does not work for a reason of its own: a restart does not fix that, but the run will wait for it. */
export function unreadyWarnings(
  world: World,
  restarted: readonly string[],
  timeout: string,
  now: Date,
): readonly PlanWarning[] {
  return [
    ...(restarted.includes('etcd') ? stoppedEtcd(world, timeout, now) : []),
    ...(restarted.includes('kube-apiserver') ? unreadyServer(world, timeout) : []),
  ];
}

/** An etcd that has ended while its certificates were valid, although a kubelet is there to start it. */
function stoppedEtcd(world: World, timeout: string, now: Date): readonly PlanWarning[] {
  const isStopped = !isHidden(world, 'etcd') && processOf(world, 'etcd') === undefined;
  if (!isStopped || processOf(world, 'kubelet') === undefined) return [];
  const names = credentialsReadBy(world.get(kubernetesFiles), 'etcd');
  const own = world.get(kubernetesFiles).credentials.filter(({ name }) => names.includes(name));
  const wereValid = own.every(({ holding }) => {
    const before = holding.state === 'planned' ? holding.replaces : leafOf(holding);
    return before !== undefined && validityAt(before, now.getTime()) === 'valid';
  });
  if (!wereValid) return [];
  return [
    {
      message: `etcd does not run, and not because of expired certificates: if it does not come up within ${timeout} of its restart, this host is restored`,
      remedy: 'find out why first: crictl ps -a --name etcd, crictl logs CONTAINER',
    },
  ];
}

function unreadyServer(world: World, timeout: string): readonly PlanWarning[] {
  const answer = world.find(healthOf(world.get(kubernetesFiles), 'kube-apiserver'));
  if (answer?.status === undefined || isHealthy('kube-apiserver', answer)) return [];
  const failing = [...answer.text.matchAll(/\[-\](\S+)/g)].flatMap(([, check]) => check ?? []);
  const own = failing.filter((check) => !OF_ETCD.test(check));
  if (failing.length > 0 && own.length === 0) return [];
  const says = own.length > 0 ? `not ready (${own.join(', ')})` : `not ready (it answers ${answer.status})`;
  return [
    {
      message: `kube-apiserver is ${says}: if it does not recover within ${timeout} of its restart, this host is restored`,
      remedy:
        'if the certificates are not the cause, fix that first: its log says what is wrong (crictl ps -a --name kube-apiserver, crictl logs CONTAINER)',
    },
  ];
}
