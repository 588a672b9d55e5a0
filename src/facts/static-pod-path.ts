import { type ShellScript, sh } from '../core/shell.ts';
import { KUBELET_CONFIG, KUBERNETES_DIRECTORY } from '../kubeadm/table.ts';

/** The value, without quotes, a comment behind it, and a slash or the rest of a line end of Windows at its end. */
const VALUE = `/^staticPodPath: */{s///;s/ #.*//;s/["']//g;s|[/[:space:]]*$||;p;q;}`;

/** Sets `$m` to the directory in which kubelet looks for manifests of static pods, as its configuration tells. */
export const FIND_MANIFESTS: ShellScript = sh`m=
[ ! -f "$R"${KUBELET_CONFIG} ] || m=$(sed -n ${VALUE} "$R"${KUBELET_CONFIG} 2>/dev/null) || :
m="\${m:-${KUBERNETES_DIRECTORY}/manifests}"`;
