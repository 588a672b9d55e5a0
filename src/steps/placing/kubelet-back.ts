import { type ShellScript, sh } from '../../core/shell.ts';
import { BOOTSTRAP_CONF, isCutOff, KUBELET_KUBECONFIG } from '../../kubeadm/host/kubelet-files.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { ASIDE_DIRECTORY, asidePath } from '../../kubeadm/host/raw-files.ts';

/**
 * Puts back what a bootstrap that was cut off has left aside, so that the host is as it was before. Files return to empty places only, except
 * kubelet.conf, which replaces the one with which kubelet asks for a certificate. If kubelet has got a new certificate already, the link to
 * the old one is removed. The host's own bootstrap-kubelet.conf comes last: while kubelet.conf is aside, what is in its place is in no backup.
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

/** The bootstrap-kubelet.conf with the token is the kubelet.conf aside with other credentials. Another one is the host's own. */
export function removeTokenConf(): ShellScript {
  const conf = asidePath(KUBELET_KUBECONFIG);
  return sh`but_credentials() { sed '/client-certificate/d;/client-key/d;/token:/d' "$R$1"; }
if [ -f "$R"${conf} ] && [ -f "$R"${BOOTSTRAP_CONF} ] && [ ! -L "$R"${BOOTSTRAP_CONF} ] &&
  [ "$(but_credentials ${conf})" = "$(but_credentials ${BOOTSTRAP_CONF})" ]; then rm -f "$R"${BOOTSTRAP_CONF}; fi`;
}
