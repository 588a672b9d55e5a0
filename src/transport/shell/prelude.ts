import { quoteWord } from '../../core/shell.ts';

const PATH_APPENDED = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin';

/**
 * Sent to the persistent sh of a host before its first script; sets up the environment of every script and probe. Descriptor 3
 * becomes standard error of the scripts, so that the shell's own messages about its children ("Terminated", in bash with the
 * whole script) are discarded. Core dumps, which could contain keys, are disabled. bash before 5.1 writes every here-document
 * to a file in `TMPDIR`, and later versions long ones: `/run` is in memory and belongs to root, while `/tmp` may be on disk,
 * public, or full. Only the shell itself uses this `TMPDIR`: commands of a user get the host's own back, `kplay_tmpdir`, as
 * well as the host's umask, `kplay_umask`, because their files are meant for others, unlike those of kplay's scripts. `rootfs`
 * stands for `/`; empty on a real host.
 */
export function prelude(rootfs: string): string {
  return `exec 3>&2 2>/dev/null
kplay_umask=$(umask)
umask 077
ulimit -c 0
kplay_tmpdir="\${TMPDIR-}"
unset TMPDIR
[ ! -w /run ] || TMPDIR=/run
R=${quoteWord(rootfs)}
LC_ALL=C
PATH="\${PATH:+$PATH:}${PATH_APPENDED}"
export R LC_ALL PATH
tool() {
  if [ -z "$R" ]; then
    command -v "$1"
    return
  fi
  for kplay_directory in "$R/usr/local/bin" "$R/usr/bin"; do
    if [ -f "$kplay_directory/$1" ] && [ -x "$kplay_directory/$1" ]; then
      printf '%s\\n' "$kplay_directory/$1"
      return 0
    fi
  done
  return 1
}
`;
}
