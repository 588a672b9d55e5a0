import { endpointText } from '../../core/endpoint.ts';
import type { FactRef } from '../../core/fact.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { assess, dueCredentials, onlyExpired } from '../../kubeadm/certificates/due.ts';
import { renewed } from '../../kubeadm/certificates/transition.ts';
import { advertisedEndpoint, type Endpoint, serverEndpoint } from '../../kubeadm/cluster/endpoints.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { validityAt } from '../../pki/verify.ts';
import { clientRefusal } from '../../steps/cluster/client-gate.ts';
import { administratorWarnings } from '../../steps/cluster/cluster-proof.ts';
import { healthOf, isHealthy } from '../../steps/control-plane/control-plane-facts.ts';

/** What shows whether a master's admin.conf can be used: kplay proves its work with it, and people look after the cluster. */
export function administratorFacts(host: KubeadmHost): readonly FactRef[] {
  if (host.role !== 'control-plane') return [];
  const health = healthOf(host, 'kube-apiserver');
  const server = serverOf(host);
  return [nodes, ...(health ? [health] : []), ...(server ? [served(server.address, server.port)] : [])];
}

export interface AdministratorFinding {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly remedy: string | undefined;
}

/** What is wrong with a master's admin.conf: an error if a run would be refused for it, a warning if not. */
export function administratorFindings(world: World, now: Date): readonly AdministratorFinding[] {
  const host = world.get(kubernetesFiles);
  if (host.role !== 'control-plane') return [];
  const refusal = clientRefusal(world.set(kubernetesFiles, afterRenewal(host, now)));
  if (refusal) return [{ severity: 'error', message: refusal.reason, remedy: refusal.remedy }];
  const warnings = [...dueWarnings(host, now), ...serverWarnings(world), ...administratorWarnings(world)];
  return warnings.map(({ message, remedy }) => ({ severity: 'warning', message, remedy }));
}

/** By any `renew_before`, a run makes what cannot be used anew. */
function afterRenewal(host: KubeadmHost, now: Date): KubeadmHost {
  const due = dueCredentials(host, onlyExpired(now));
  return renewed(host, new Map(due.map(({ name }) => [name, Number.POSITIVE_INFINITY])));
}

/** That it has expired is no finding: a renewal is for that, and `kplay check` shows it. */
function dueWarnings({ credentials, authorities }: KubeadmHost, now: Date): readonly PlanWarning[] {
  const administrator = credentials.find(({ name }) => name === 'admin.conf');
  const leaf = leafOf(administrator?.holding);
  if (!administrator || (leaf && validityAt(leaf, now.getTime()) === 'expired')) return [];
  const { due, reason } = assess(administrator, onlyExpired(now));
  if (!due) return [];
  const isSignedElsewhere = authorities.some(({ name, key }) => name === 'ca' && key === 'absent');
  const remedy = isSignedElsewhere
    ? 'the CA key is not on this host; a request for a new one: kplay certs csr -i INVENTORY --out DIR'
    : 'a renewal makes a new one: kplay run renew-certs.yml -i INVENTORY';
  return [{ message: `admin.conf cannot be used: ${reason}`, remedy }];
}

/** A run asks the host's own API server whatever the file names; nobody else does. */
function serverWarnings(world: World): readonly PlanWarning[] {
  const host = world.get(kubernetesFiles);
  const server = serverOf(host);
  const health = world.find(healthOf(host, 'kube-apiserver'));
  if (!server || !health || !isHealthy('kube-apiserver', health)) return [];
  const response = world.get(served(server.address, server.port));
  if (response.state !== 'not up') return [];
  const own = advertisedEndpoint(host);
  return [
    {
      message: `admin.conf names ${endpointText(server)} as the API server, which does not answer (${response.reason}), although that of this host is healthy: as long as that is so, kubectl cannot be used with the file`,
      remedy: `if that is a load balancer, find out why it does not answer; a run asks the API server of the host itself, and so does kubectl with --server https://${own ? endpointText(own) : '127.0.0.1:6443'}`,
    },
  ];
}

function serverOf({ credentials }: KubeadmHost): Endpoint | undefined {
  const shape = credentials.find(({ name }) => name === 'admin.conf')?.kubeconfig;
  return shape?.isProxied ? undefined : serverEndpoint(shape);
}
