import type { PlanWarning } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { servesByName } from '../../kubeadm/host/static-pod.ts';
import { isForServer } from '../../pki/verify.ts';
import { signersFor } from '../certs/signer.ts';

/**
 * Warns if a worker's kubelet asks the API at an address that no master of the play has a certificate for: it would reject the API
 * server, and the new certificate could not be proven. No warning if the certificates are not known.
 */
export function apiAddressWarnings(host: KubeadmHost, peers: ReadonlyMap<string, World>): readonly PlanWarning[] {
  const { server, serverName } = host.kubelet.kubeconfig ?? {};
  if (server === undefined || serverName === undefined) return [];
  const masters = signersFor(host, peers);
  const isElsewhere = masters.some(({ host: { staticPods } }) => servesByName(staticPods));
  const served = masters.map(({ host: { credentials } }) => {
    const api = credentials.find(({ name }) => name === 'apiserver');
    return api?.holding.state === 'planned' ? api.holding.replaces : leafOf(api?.holding);
  });
  const known = served.flatMap((certificate) => certificate ?? []);
  if (isElsewhere || known.length === 0 || known.length < served.length) return [];
  if (known.some((certificate) => isForServer(certificate, serverName))) return [];
  return [
    {
      message: `kubelet.conf names ${server}, and no API server of this play has a certificate for ${serverName}: kubelet would reject it`,
      remedy: 'correct the server there, or add that name to the certificates of the API servers with extra_sans',
    },
  ];
}
