import { type ShellScript, sh } from '../../core/shell.ts';
import { GUARD_FUNCTIONS } from '../../facts/files/guarded-path.ts';

/**
 * Shell functions that enter a directory and stay there, whatever others do to its path meanwhile: names are resolved in that
 * very directory. A link on the way is followed only if nobody but root can have created it, so a user who may write above the
 * directory cannot lead root elsewhere. Without links no program is started.
 */
export const ENTER_FUNCTIONS: ShellScript = sh`${GUARD_FUNCTIONS}
umask 077
error() { printf '%s\n' "$*" >&2; }
# where: programs that have failed name files as seen from the directory, which nobody knows.
where() { error "(in \${here:-/})"; }
# enter DIRECTORY [make]: goes there, with make also where something has to be made first.
enter() {
  if cd -P "$root$1/" 2>/dev/null && [ "$(pwd -P)" = "$root$1" ]; then return 0; fi
  cd / || return 1
  rest=$root$1/ links=0
  while [ -n "$rest" ]; do
    part=\${rest%%/*} rest=\${rest#*/} here=$(pwd -P)
    here=\${here%/}
    case $part in
      '' | .) ;;
      ..) cd -P .. || return 1 ;;
      *)
        if [ -L "./$part" ]; then
          links=$((links + 1))
          [ "$links" -le 40 ] || { error "$root$1: too many links"; return 1; }
          guarded "$here/$part" || { error "$here/$part is a link in a place that users other than root can write to: it is not followed"; return 1; }
          to=$(readlink "./$part") || return 1
          case $to in /*) cd / || return 1 ;; esac
          rest=$to/$rest
        else
          [ -e "./$part" ] || [ "\${2-}" != make ] || mkdir "./$part" || { where; return 1; }
          cd -P "./$part" || { where; return 1; }
          [ "$(pwd -P)" = "$here/$part" ] || { error "$here/$part is being replaced by another process"; return 1; }
        fi
        ;;
    esac
  done
}
# final PATH: sets $target to what it leads to, through links that only root can change.
final() {
  target=$1 links=0
  while enter "\${target%/*}" && [ -L "./\${target##*/}" ]; do
    here=$(pwd -P) links=$((links + 1))
    here=\${here%/}
    [ "$links" -le 40 ] || { error "$1: too many links"; return 1; }
    guarded "$here/\${target##*/}" || { error "$here/\${target##*/} is a link in a place that users other than root can write to: it is not followed"; return 1; }
    to=$(readlink "./\${target##*/}") || return 1
    case $to in /*) ;; *) to=$here/$to ;; esac
    target=\${to#"$root"}
  done
}
`;
