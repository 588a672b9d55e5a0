import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { processes } from '../../facts/processes/processes.ts';
import type { Master } from '../../kubeadm/cluster/master-health.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { servingPorts } from '../../kubeadm/restarts/restart.ts';
import type { Component } from '../../kubeadm/table.ts';
import { alarmIn, healthOf, isHealthy, processOf } from '../control-plane/control-plane-facts.ts';

/** The masters among these hosts, as far as they decide the order of their cluster. */
export function mastersIn(worlds: ReadonlyMap<string, World>, now: Date): readonly Master[] {
  return [...worlds].flatMap(([name, world]): readonly Master[] => {
    const host = world.get(kubernetesFiles);
    if (host.role !== 'control-plane') return [];
    const etcd = host.etcd === 'stacked' ? lifeOf(world, host, 'etcd', now) : 'not known';
    const api = lifeOf(world, host, 'kube-apiserver', now);
    return [
      {
        name,
        host,
        etcdAnswers: etcd === 'not known' ? undefined : etcd === 'well',
        apiAnswers: api !== 'down',
        apiIsReady: api === 'well' || api === 'not known',
      },
    ];
  });
}

/** `unwell`: it answers, and says that it is not well; `not known`: it seems to live, and nobody can ask it. */
type Life = 'well' | 'unwell' | 'down' | 'not known';

function lifeOf(world: World, host: KubeadmHost, component: 'etcd' | 'kube-apiserver', now: Date): Life {
  const health = healthOf(host, component);
  const answer = health && world.has(health) ? world.get(health) : undefined;
  if (!answer || answer.isUnasked) return isSeenDown(world, host, component, now) ? 'down' : 'not known';
  if (answer.status === undefined) return 'down';
  // An etcd that has raised an alarm is alive: to restart all of it at once would be the wrong cure.
  const isAlive = isHealthy(component, answer) || (component === 'etcd' && alarmIn(answer) !== undefined);
  return isAlive ? 'well' : 'unwell';
}

/** It has no process, or a port of it is closed or shows a certificate with which nobody connects any more. */
function isSeenDown(world: World, host: KubeadmHost, component: Component, now: Date): boolean {
  if (!host.staticPods.some((pod) => pod.component === component)) return true;
  if (!world.has(processes)) return false;
  if (world.get(processes).visible && processOf(world, component) === undefined) return true;
  return servingPorts(host).some(({ component: server, address, port }) => {
    const ref = served(address, port);
    if (server !== component || !world.has(ref)) return false;
    const seen = world.get(ref);
    return seen.state === 'not up' || (seen.state === 'serving' && seen.certificate.notAfter < now.getTime());
  });
}
