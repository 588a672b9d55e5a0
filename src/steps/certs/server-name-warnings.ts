import { baseName } from '../../core/host-path.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { DueRule } from '../../kubeadm/certificates/due.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import { kubeconfigsOf } from '../../kubeadm/host/kubeconfig-trust.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { servesByName } from '../../kubeadm/host/static-pod.ts';
import { isForServer } from '../../pki/verify.ts';

/**
 * Warns if kubeconfigs of a master connect to a name that the API server's certificate is not for. A renewal keeps its names, so the
 * components would reject it, and nothing could be proven. Names that the renewal adds are left out.
 */
export function serverNameWarnings(host: KubeadmHost, { extraNames }: DueRule): readonly PlanWarning[] {
  const { role, credentials, staticPods } = host;
  const api = credentials.find(({ name }) => name === 'apiserver');
  const certificate = leafOf(api?.holding);
  // A certificate of another signer is replaced by one with kubeadm's names.
  if (role !== 'control-plane' || !api || !certificate || (api.signedByAuthority === false && !api.isOthers)) return [];
  if (servesByName(staticPods)) return [];
  const clients = new Map<string, string[]>();
  for (const { path, kubeconfig } of kubeconfigsOf(host)) {
    const server = kubeconfig.serverName;
    if (server === undefined) continue;
    if (extraNames.includes(server) || isForServer(certificate, server)) continue;
    clients.set(server, [...(clients.get(server) ?? []), baseName(path)]);
  }
  if (clients.size === 0) return [];
  const places = [...clients].map(([server, names]) => `${server} (${names.join(', ')})`);
  return [
    {
      message: `the API server's certificate is not for ${places.join(', ')}: what reads these files rejects the API server once it has loaded this certificate`,
      remedy: `correct the server in these files; or renew on this host with these names: -e '${JSON.stringify({ extra_sans: [...clients.keys()] })}'; or move ${api.certificatePath} away, for a new one with kubeadm's names`,
    },
  ];
}
