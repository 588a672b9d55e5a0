import { type ShellScript, sh } from '../../core/shell.ts';
import { ASIDE_DIRECTORY } from '../../kubeadm/host/raw-files.ts';
import { DEFAULT_KUBELET_ROOT, KUBELET_FLAGS } from '../../kubeadm/table.ts';
import { FIND_MANIFESTS } from '../static-pod-path.ts';

/**
 * `roots`: the directories in which kubelet may keep its pods. `--root-dir` may configure another one: it is taken from files
 * that only root can write, not from a process that may be an impostor. After a recent change some pods are still in the old
 * place.
 */
export const FIND_ROOTS: ShellScript = sh`roots=${DEFAULT_KUBELET_ROOT}
for f in "$R"${KUBELET_FLAGS} "$R"/etc/default/kubelet "$R"/etc/sysconfig/kubelet "$R"/etc/systemd/system/kubelet.service "$R"/etc/systemd/system/kubelet.service.d/*.conf "$R"/usr/lib/systemd/system/kubelet.service.d/*.conf; do
  [ -f "$f" ] || continue
  while read -r line || [ -n "$line" ]; do
    case $line in '#'*) continue ;; *--root-dir[=\ ]/*) line=\${line#*--root-dir?} ;; *) continue ;; esac
    roots="\${line%%[!A-Za-z0-9/._-]*} $roots"
  done <"$f"
done`;

/** In a manifest, in YAML or JSON. */
const UID_LINE = `uid["' ]*:`;
const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** How many ids of manifests go into the pattern: it is an argument of grep, which may have 128 KiB. */
const MAX_DECLARED = 200;

/**
 * `static`: whether `$pod` may be a static pod. kubelet generates the id of such a pod in hexadecimal, or takes it from the manifest
 * (`$declared`); all others have a UUID from the API.
 */
export const FIND_STATIC_PODS: ShellScript = sh`${FIND_MANIFESTS}
set --
for f in "$R$m"/* "$R"${ASIDE_DIRECTORY}"$m"/*; do [ ! -f "$f" ] || set -- "$@" "$f"; done
declared=$(grep -hsE ${UID_LINE} "$@" </dev/null | grep -oE ${UUID} | sort -u)
static() {
  case $pod in
    '') false ;;
    *-*) case $declared in *"$pod"*) ;; *) false ;; esac ;;
    *) [ \${#pod} = 32 ] ;;
  esac
}`;

/** `$statics`: a pattern that the ids of `$declared` and generated ones match, as control groups have them, and with very many manifests all ids. */
export const STATIC_POD_PATTERN: ShellScript = sh`set -- $declared
statics='[0-9a-f]'
[ $# -gt ${MAX_DECLARED} ] || statics="([0-9a-f]{32}$(printf '%s\n' "$@" | sed -n 's/-/[-_]/g;s/./|&/p' | tr -d '\n'))"`;

/**
 * `groups` and `pod` of the process in `$d`: its control groups, each once, however many controllers it has (cgroup v1), and the id of the
 * kubelet pod that they name. A pod in which the host itself runs is none, as in `containerIdIn`: `$first` of `CLOCKS` names it.
 */
export const FIND_POD: ShellScript = sh`groups= pod=
while read -r group; do
  group=\${group#*:*:}
  case "$groups " in *" $group "*) continue ;; esac
  groups="$groups $group"
  case $group in *kubepods*pod*) ;; *) continue ;; esac
  found=\${group##*pod}
  found=\${found%%[!0-9a-f_-]*}
  case $first in *pod"$found"*) continue ;; esac
  pod=$found
  # systemd knows no dash in a name.
  while case $pod in *_*) ;; *) false ;; esac; do pod=\${pod%%_*}-\${pod#*_}; done
done <"$d"/cgroup`;

/** Prints the names of the containers that kubelet keeps for `$pod`, one per line: `container NAME`. */
export const PRINT_CONTAINERS: ShellScript = sh`[ -z "$pod" ] || for root in $roots; do
  for c in "$R\${root%/}"/pods/"$pod"/containers/*; do [ ! -e "$c" ] || echo "container \${c##*/}"; done
done`;

/** The values of consecutive lines `KEY VALUE` from `index` on. */
export function valuesFrom(lines: readonly string[], index: number, key: string): readonly string[] {
  const values: string[] = [];
  for (let at = index; lines[at]?.startsWith(`${key} `); at += 1) values.push((lines[at] ?? '').slice(key.length + 1));
  return values;
}
