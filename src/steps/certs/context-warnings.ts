import type { PlanWarning } from '../../core/plan.ts';
import { quoteWord } from '../../core/shell.ts';
import { kubeconfigsOf } from '../../kubeadm/host/kubeconfig-trust.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';

/** Warns if nothing can connect with one of kubeadm's kubeconfigs, whatever its certificate: what reads it does not start. */
export function contextWarnings(host: KubeadmHost): readonly PlanWarning[] {
  return kubeconfigsOf(host).flatMap(({ path, kubeconfig }) =>
    kubeconfig.contextFault === undefined
      ? []
      : [
          {
            message: `nothing can connect with ${path}: ${kubeconfig.contextFault}`,
            remedy: `correct it with kubectl config use-context, set-context, set-cluster or unset, --kubeconfig ${quoteWord(path)}, and restart what reads it`,
          },
        ],
  );
}
