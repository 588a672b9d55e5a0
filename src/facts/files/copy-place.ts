import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { directoryOf } from '../../core/host-path.ts';
import { sh } from '../../core/shell.ts';
import type { Owner } from './remote-file.ts';

/** What prevents a file from being written on the host, and whose it would be. */
export interface CopyPlace {
  /** The user, or the group, that should own it does not exist. */
  readonly unknownUser: boolean;
  readonly unknownGroup: boolean;
  /** Those that should own it, else those that a new file gets; undefined if the host does not tell. */
  readonly owner: Owner | undefined;
  readonly group: Owner | undefined;
  readonly noDirectory: boolean;
  /** Another file is mounted over the one that is to be replaced. */
  readonly isMounted: boolean;
  /** What `user` cannot write: the directory, or the file to be replaced. */
  readonly unwritable: { readonly path: string; readonly user: string; readonly isRoot: boolean } | undefined;
}

interface CopyPlaceParams {
  readonly [key: string]: string;
  readonly path: string;
  /** Names or numbers; empty for none. */
  readonly owner: string;
  readonly group: string;
  /** `follow`: the place is that to which a link at the path leads. Empty: the link itself is replaced. */
  readonly links: string;
}

const placeFact: Fact<CopyPlaceParams, CopyPlace> = {
  name: 'copy_place',
  summary: 'whether a file could be written, and given to its owner, and who that is',
  probe: ({ path, owner, group, links }) => ({
    script: sh`u=${owner} g=${group} f="$R"${path} d="$R"${directoryOf(path)}
if [ -n ${links} ]; then
  n=0
  while [ -L "$f" ] && [ "$n" -lt 40 ]; do
    n=$((n + 1)) to=$(readlink "$f")
    case $to in "$R"/*) f=$to ;; /*) f="$R"$to ;; *) f=\${f%/*}/$to ;; esac
  done
  d=\${f%/*}
fi
case $u in '' | *[!0-9]*) [ -z "$u" ] || id -u "$u" >/dev/null 2>&1 || echo unknown user ;; esac
known() {
  if tool getent >/dev/null 2>&1; then getent group "$1" >/dev/null; [ $? != 2 ]
  else cut -d: -f1 /etc/group | grep -qxF -e "$1"
  fi
}
case $g in '' | *[!0-9]*) [ -z "$g" ] || known "$g" || echo unknown group ;; esac
# A line of /etc/passwd or /etc/group, by name or number.
entry() {
  if tool getent >/dev/null 2>&1; then getent "$1" "$2"
  else ENTRY=$2 awk -F: '$1 == ENVIRON["ENTRY"] || $3 == ENVIRON["ENTRY"] { print; exit }' /etc/"$1"
  fi
}
if [ -z "$u" ] || [ -z "$g" ]; then printf 'self %s\n' "$(id)"; fi
[ -z "$u" ] || printf 'user %s\n' "$(entry passwd "$u")"
[ -z "$g" ] || printf 'group %s\n' "$(entry group "$g")"
[ -n "$g" ] || [ ! -g "$d/" ] || stat -L -c 'group %G:x:%g' "$d/"
if [ ! -d "$d/" ] || { [ -n ${links} ] && [ -L "$f" ]; }; then echo no directory
else
  # Root may write everything, but what is immutable, and what is on a file system that is read-only. Some shells ask
  # nobody where they are root's (busybox): attributes and mounts are looked at as well.
  closed() {
    [ -w "$1" ] || return 0
    attributes=$(lsattr -d "$1" 2>/dev/null)
    case \${attributes%% *} in *i* | *a*) return 0 ;; esac
    [ "$(id -u)" = 0 ] || return 1
    if [ -d "$1" ]; then place=$(cd "$1/" && pwd -P); else place=$(cd "\${1%/*}/" && pwd -P)/\${1##*/}; fi
    PLACE=$place awk '
      { gsub(/\\040/, " ", $2); within = $2 == "/" ? $2 : $2 "/" }
      index(ENVIRON["PLACE"] "/", within) == 1 && length(within) >= most { most = length(within); options = $4 }
      END { exit !(options ~ /^(.*,)?ro(,.*)?$/) }' /proc/mounts 2>/dev/null
  }
  if closed "$d"; then at=$d
  elif [ "$(id -u)" = 0 ] && [ -f "$f" ] && [ ! -L "$f" ] && closed "$f"; then at=$f
  else at=
  fi
  if [ ! -L "$f" ] && [ -f "$f" ] && [ -r /proc/mounts ]; then
    place=$(cd "$d/" && pwd -P)/\${f##*/}
    while read -r _ on _; do [ "$on" != "$place" ] || echo mounted; done </proc/mounts
  fi
  [ -z "$at" ] || printf 'writer %s\nunwritable %s %s\n' "$(id -un)" "$(id -u)" "\${at#"$R"}"
fi
`,
  }),
  parse({ stdout }, { owner, group }) {
    const lines = new Set(stdout.split('\n'));
    const [, uid, path = ''] = /^unwritable (\d+) (.*)$/m.exec(stdout) ?? [];
    const [, user = ''] = /^writer (.*)$/m.exec(stdout) ?? [];
    return {
      unknownUser: lines.has('unknown user'),
      unknownGroup: lines.has('unknown group'),
      owner: owner === '' ? selfIn(stdout, 'uid') : entryIn(stdout, 'user', owner),
      // With the bit for it, the directory decides.
      group: entryIn(stdout, 'group', group) ?? (group === '' ? selfIn(stdout, 'gid') : undefined),
      noDirectory: lines.has('no directory'),
      isMounted: lines.has('mounted'),
      unwritable: uid === undefined ? undefined : { path: path === '' ? '/' : path, user, isRoot: uid === '0' },
    };
  },
};

/** @param wanted a number for which the host has no name counts as well: `stat` calls it UNKNOWN */
function entryIn(stdout: string, kind: 'user' | 'group', wanted: string): Owner | undefined {
  const [, name, id] = new RegExp(`^${kind} ([^:\\n]+):[^:\\n]*:(\\d+)`, 'm').exec(stdout) ?? [];
  if (name !== undefined && id !== undefined) return { name, id };
  return /^\d+$/.test(wanted) ? { name: 'UNKNOWN', id: wanted } : undefined;
}

/** In what `id` prints of the user who writes the file. */
function selfIn(stdout: string, kind: 'uid' | 'gid'): Owner | undefined {
  const [, id, name = 'UNKNOWN'] = new RegExp(`^self .*\\b${kind}=(\\d+)(?:\\(([^)]*)\\))?`, 'm').exec(stdout) ?? [];
  return id === undefined ? undefined : { name, id };
}

/**
 * Whether a file could be written at a path of the host, for an owner and a group if given.
 * @param links whether a link at the path is followed or replaced
 */
export function copyPlace(
  path: string,
  owner = '',
  group = '',
  links: 'follow' | 'replace' = 'replace',
): FactRef<CopyPlace> {
  return factRef(placeFact, { path, owner, group, links: links === 'follow' ? links : '' });
}
