import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { processes } from '../../facts/processes/processes.ts';
import type { Master } from '../../kubeadm/cluster/master-health.ts';
import { type KubeadmHost, podOf } from '../../kubeadm/host/model.ts';
import { servingPorts } from '../../kubeadm/restarts/restart.ts';
import type { Component } from '../../kubeadm/table.ts';
import { alarmIn, healthOf, isHealthy, processOf } from '../control-plane/control-plane-facts.ts';

/** The masters among these hosts, with the state that decides the order of their cluster. */
export function mastersIn(worlds: ReadonlyMap<string, World>, now: Date): readonly Master[] {
  return [...worlds].flatMap(([name, world]): readonly Master[] => {
    const host = world.get(kubernetesFiles);
    if (host.role !== 'control-plane') return [];
    const etcd = host.etcd === 'stacked' ? healthOfComponent(world, host, 'etcd', now) : 'not known';
    const api = healthOfComponent(world, host, 'kube-apiserver', now);
    const answer = world.find(healthOf(host, 'etcd'));
    return [
      {
        name,
        host,
        etcdAnswers: etcd === 'not known' ? undefined : etcd === 'well',
        etcdAlarm: answer && alarmIn(answer),
        apiAnswers: api !== 'down',
        apiIsReady: api === 'well' || api === 'not known',
      },
    ];
  });
}

/** `unwell`: it answers that it is unhealthy; `not known`: it seems to run, and nobody can ask it, or nothing of it answers in time. */
type Health = 'well' | 'unwell' | 'down' | 'not known';

function healthOfComponent(world: World, host: KubeadmHost, component: 'etcd' | 'kube-apiserver', now: Date): Health {
  const answer = world.find(healthOf(host, component));
  if (!answer || answer.isUnasked || (answer.isLate && isSlow(world, host, component)))
    return isObservedDown(world, host, component, now) ? 'down' : 'not known';
  if (answer.status === undefined) return 'down';
  // An etcd with an alarm is alive: restarting all members at once would be the wrong cure.
  const isAlive = isHealthy(component, answer) || (component === 'etcd' && alarmIn(answer) !== undefined);
  return isAlive ? 'well' : 'unwell';
}

/**
 * Whether none of its ports answers in time, as on a host or a controller that is overloaded: a healthy cluster must not be
 * restarted at once for that. One that shows its certificate but not its health has lost its quorum.
 */
export function isSlow(world: World, host: KubeadmHost, component: Component): boolean {
  return servingPorts(host).every(({ component: server, address, port }) => {
    const observed = server === component ? world.find(served(address, port)) : undefined;
    return observed === undefined || (observed.state === 'not up' && observed.isLate === true);
  });
}

/** Whether it has no process, or a port that is closed or serves a certificate that nobody accepts any more. */
function isObservedDown(world: World, host: KubeadmHost, component: Component, now: Date): boolean {
  if (!podOf(host, component)) return true;
  if (!world.has(processes)) return false;
  if (world.get(processes).visible && processOf(world, component) === undefined) return true;
  return servingPorts(host).some(({ component: server, address, port }) => {
    const ref = served(address, port);
    if (server !== component || !world.has(ref)) return false;
    const observed = world.get(ref);
    return (
      (observed.state === 'not up' && !observed.isLate) ||
      (observed.state === 'serving' && observed.certificate.notAfter < now.getTime())
    );
  });
}
