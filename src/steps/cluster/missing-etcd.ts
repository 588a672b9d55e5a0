import { endpointText } from '../../core/endpoint.ts';
import type { FactRef } from '../../core/fact.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type Served, served } from '../../facts/certificates/served.ts';
import { etcdServersOf } from '../../kubeadm/cluster/etcd-peers.ts';
import { podOf } from '../../kubeadm/host/model.ts';
import { isoDate } from '../../pki/time.ts';
import { healthOf, isHealthy } from '../control-plane/control-plane-facts.ts';
import { isSlow } from '../strategies/masters.ts';

/** What the servers of an etcd that kubelet does not run on the host serve. */
export function otherEtcdFacts(known: World): readonly FactRef[] {
  return serversOf(known).map(({ address, port }) => served(address, port));
}

/**
 * Refuses to wait for an API server that cannot start: none of the servers of its etcd can be used, and kplay neither renews nor
 * starts them, for etcd is external or its manifest is missing. While the API server is healthy it has one.
 */
export function missingEtcdRefusal(world: World, now: Date): RefusePlan | undefined {
  const servers = serversOf(world);
  const health = world.find(healthOf(world.get(kubernetesFiles), 'kube-apiserver'));
  if (servers.length === 0 || !health || health.isUnasked || isHealthy('kube-apiserver', health)) return undefined;
  // From an overloaded host, or controller, everything seems gone: then only what is refused at once, or has expired, is.
  const isOverloaded = health.isLate === true && isSlow(world, world.get(kubernetesFiles), 'kube-apiserver');
  const faults = servers.flatMap((server) => {
    const response = world.get(served(server.address, server.port));
    if (isOverloaded && response.state === 'not up' && response.isLate) return [];
    const fault = faultOf(response, now);
    return fault === undefined ? [] : [`${endpointText(server)} (${fault})`];
  });
  if (faults.length < servers.length) return undefined;
  const isExternal = world.get(kubernetesFiles).etcd === 'external';
  return {
    action: 'refuse',
    code: 'etcd-quorum-lost',
    reason: `${isExternal ? 'etcd is external' : 'kubelet runs no etcd on this host'}, and the API server cannot start without it: none of its servers can be used: ${faults.join(', ')}`,
    remedy: isExternal
      ? 'bring etcd back first (journalctl -u etcd on its hosts; kplay renews nothing there); then run again'
      : 'move the manifest of etcd back to where kubelet reads it, or restore it from a backup; then run again',
  };
}

function serversOf(world: World) {
  const host = world.find(kubernetesFiles);
  return host && !podOf(host, 'etcd') ? etcdServersOf(host) : [];
}

function faultOf(response: Served, now: Date): string | undefined {
  if (response.state === 'not up') return response.reason;
  if (response.state !== 'serving' || response.certificate.notAfter >= now.getTime()) return undefined;
  return `its certificate expired ${isoDate(response.certificate.notAfter)}`;
}
