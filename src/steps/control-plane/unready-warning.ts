import type { PlanWarning } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { healthOf, isHealthy } from './control-plane-facts.ts';

/** Readiness checks of an API server that depend on etcd only, which the restart may bring back. */
const OF_ETCD = /^etcd/;

/**
 * Warns about an API server that is not ready for a reason of its own: a restart does not fix that, but the run will wait for
 * it.
 */
export function unreadyWarnings(world: World, timeout: string): readonly PlanWarning[] {
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
        'if the certificates are not the cause, fix that first: kubectl get --raw /readyz?verbose shows what is wrong',
    },
  ];
}
