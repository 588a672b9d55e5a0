import { type ShellScript, sh } from '../../core/shell.ts';
import { BOOTSTRAP_CONF, isCutOff, KUBELET_KUBECONFIG } from '../../kubeadm/host/kubelet-files.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { ASIDE_DIRECTORY, asidePath } from '../../kubeadm/host/raw-files.ts';

/**
 * Puts back what a bootstrap that was cut off has left aside, into empty places, and kubelet.conf over the one with which kubelet asks for
 * a certificate, so that the host is as it was before. The certificate may have a successor already: then the link to the old one goes. The host's own bootstrap-kubelet.conf comes last: in its place while
 * kubelet.conf is aside, it would count as the one with the token.
 */
export function putKubeletConfBack(host: KubeadmHost): ShellScript {
  if (!isCutOff(host)) return sh`:`;
  const replaced = host.kubelet.isAsking ? KUBELET_KUBECONFIG : '';
  const places = host.credentials.flatMap(({ name, certificatePath }) =>
    name === 'kubelet-client' ? [certificatePath] : [],
  );
  return sh`${removeTokenConf()}
for f in ${[...places, KUBELET_KUBECONFIG, BOOTSTRAP_CONF]}; do
  a="$R"${ASIDE_DIRECTORY}$f
  [ -e "$a" ] || [ -L "$a" ] || continue
  if [ "$f" = ${replaced} ]; then mv -f "$a" "$R$f"
  elif [ ! -e "$R$f" ] && [ ! -L "$R$f" ]; then mv "$a" "$R$f"
  elif [ -L "$a" ]; then rm -f "$a"
  else continue
  fi
  rmdir -p "\${a%/*}" 2>/dev/null || :
done`;
}

/** When kubelet.conf is aside, the file that is bootstrap-kubelet.conf is the one with the token: an earlier one was moved before. */
export function removeTokenConf(): ShellScript {
  return sh`[ ! -f "$R"${asidePath(KUBELET_KUBECONFIG)} ] || [ -L "$R"${BOOTSTRAP_CONF} ] || rm -f "$R"${BOOTSTRAP_CONF}`;
}
