import type { PlanWarning } from '../../core/plan.ts';
import { quoteWord } from '../../core/shell.ts';
import { KUBELET_KUBECONFIG } from '../../kubeadm/host/kubelet-files.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';

/** Warns if nothing can connect with one of kubeadm's kubeconfigs, whatever its certificate: what reads it does not start. */
export function contextWarnings({ credentials, kubelet }: KubeadmHost): readonly PlanWarning[] {
  const files = [
    ...credentials.flatMap(({ kind, certificatePath: path, kubeconfig }) =>
      kind === 'kubeconfig' ? [{ path, kubeconfig }] : [],
    ),
    { path: KUBELET_KUBECONFIG, kubeconfig: kubelet.kubeconfig },
  ];
  return files.flatMap(({ path, kubeconfig }) =>
    kubeconfig?.contextFault === undefined
      ? []
      : [
          {
            message: `nothing can connect with ${path}: ${kubeconfig.contextFault}`,
            remedy: `correct it with kubectl config use-context or set-context, --kubeconfig ${quoteWord(path)}, and restart what reads it`,
          },
        ],
  );
}
