import { type ShellScript, sh } from '../../core/shell.ts';
import { DEFAULT_KUBELET_ROOT, KUBELET_FLAGS } from '../../kubeadm/table.ts';

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

/** `groups` and `pod` of the process in `$d`: its control groups, and the id of the kubelet pod that they name. */
export const FIND_POD: ShellScript = sh`groups= pod=
while read -r group; do
  groups="$groups $group"
  case $group in *kubepods*pod*) ;; *) continue ;; esac
  pod=\${group##*pod}
  pod=\${pod%%[!0-9a-f_-]*}
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
  for (const line of lines.slice(index)) {
    if (!line.startsWith(`${key} `)) break;
    values.push(line.slice(key.length + 1));
  }
  return values;
}
