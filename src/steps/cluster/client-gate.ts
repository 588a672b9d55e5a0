import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import type { Credential } from '../../kubeadm/host/model.ts';
import { administratorFault, type ClientFault, foreignFault, isMadeAnew } from './client-fault.ts';

/** Kubeconfigs whose user the API has to accept before a renewal is proven. */
export const CLIENTS = ['admin.conf', 'super-admin.conf', 'controller-manager.conf', 'scheduler.conf'] as const;

/**
 * Refuses a renewal that could not be proven because of a kubeconfig with which the API is asked: a renewal replaces only
 * certificates and keys in it. While nobody answers, only what the file itself shows counts.
 */
export function clientRefusal(world: World): RefusePlan | undefined {
  const listed = world.find(nodes);
  if (!listed || listed.state === 'cannot ask') return undefined;
  const fault = trustedWrongly(world) ?? administratorFault(world);
  return (
    fault && {
      action: 'refuse',
      code: fault.code,
      reason: `the proof would fail: ${fault.message}`,
      remedy: fault.remedy,
    }
  );
}

function trustedWrongly(world: World): ClientFault | undefined {
  const host = world.get(kubernetesFiles);
  for (const credential of host.credentials) {
    if (!isAsked(credential) || isMadeAnew(credential)) continue;
    const fault = foreignFault(host, credential);
    if (fault) return fault;
  }
  return undefined;
}

/** The proof asks with admin.conf whatever is in it, with the others only if they have a certificate. */
function isAsked({ name, kubeconfig }: Credential): boolean {
  return CLIENTS.some((client) => client === name) && (name === 'admin.conf' || kubeconfig?.method === 'embedded');
}
