import { type ShellScript, sh } from '../../core/shell.ts';

/** Shell functions that tell whether others than root can change what a path leads to. They only start `stat`. */
export const GUARD_FUNCTIONS: ShellScript = sh`me=$(id -u)
root=$(cd -P "$R/" && pwd -P)
root=\${root%/}
# guarded PATH: only root, or who is root in effect, can change what this path leads to. Whoever owns /etc/kubernetes can have
# kubelet run anything, and is root in effect (some installers give it to a user of their own).
guarded() {
  trusted="0 $me $(stat -c %u "$R"/etc/kubernetes 2>/dev/null)"
  path=$1
  set -- "$path"
  while path=\${path%/*}; [ -n "$path" ]; do set -- "$path" "$@"; done
  set -- / "$@"
  last=
  stat -c '%u %a %n' "$@" 2>/dev/null | (
    while read -r uid mode name; do
      case " $trusted " in *" $uid "*) ;; *) exit 1 ;; esac
      last=$name
      # In a directory with a sticky bit nobody can exchange what is root's.
      [ -L "$name" ] && continue
      case $mode in [1357]???) ;; *[2367]? | *[2367]) exit 1 ;; esac
    done
    for one; do :; done
    [ "$last" = "$one" ]
  )
}
# exclusive DIRECTORY: nobody but root can put anything there, or something else in its place.
exclusive() {
  at=$(cd -P "$1/" 2>/dev/null && pwd -P) && guarded "\${at%/}/." || return 1
  # A sticky bit lets others put things there all the same.
  case $(stat -c %a "$at") in *[2367]? | *[2367]) return 1 ;; esac
}
`;
