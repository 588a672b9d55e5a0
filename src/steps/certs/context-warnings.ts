import type { PlanWarning } from '../../core/plan.ts';
import { quoteWord } from '../../core/shell.ts';
import { kubeconfigsOf } from '../../kubeadm/host/kubeconfig-trust.ts';
import { clusterAuthority, type KubeadmHost, type KubeconfigShape } from '../../kubeadm/host/model.ts';
import { setAuthority } from '../gates/trust-gate.ts';

/** Warns if nothing can connect with one of kubeadm's kubeconfigs, whatever its certificate: what reads it does not start. */
export function contextWarnings(host: KubeadmHost): readonly PlanWarning[] {
  return kubeconfigsOf(host).flatMap(({ path, kubeconfig }) =>
    kubeconfig.contextFault === undefined
      ? unverifiedWarning(host, path, kubeconfig)
      : [
          {
            message: `nothing can connect with ${path}: ${kubeconfig.contextFault}`,
            remedy: `correct it with kubectl config use-context, set-context, set-cluster or unset, --kubeconfig ${quoteWord(path)}, and restart what reads it`,
          },
        ],
  );
}

/** Go takes the CAs of the system then. Where that of the cluster is among them, as on an administrator's machine, this is in order. */
function unverifiedWarning(
  host: KubeadmHost,
  path: string,
  { cluster, isWithoutAuthority }: KubeconfigShape,
): readonly PlanWarning[] {
  const ca = clusterAuthority(host);
  if (!isWithoutAuthority || !ca || cluster === undefined) return [];
  return [
    {
      message: `${path} contains no CA: what connects with it rejects the API server, unless its system trusts the cluster's CA`,
      remedy: `put the cluster's CA there, and restart what reads it: ${setAuthority({ path, cluster }, ca.certificatePath)}`,
    },
  ];
}
