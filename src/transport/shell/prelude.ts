import { quoteWord } from '../../core/shell.ts';

const PATH_APPENDED = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin';

/**
 * What the persistent sh of a host is told before its first script: the frame of mind of every script and probe.
 * Descriptor 3 becomes standard error of the scripts, so that what the shell itself says of its children
 * ("Terminated", in bash with the whole script) goes nowhere. No process that it starts leaves an image of its memory, in which
 * keys may stand, on the disk; nor does bash, whose releases before 5.1 keep every here-document in a file of `TMPDIR` while it is
 * read, and later ones the long ones: `/run` is in memory and root's, which `/tmp` is not, and that may be full. That is for the shell
 * alone: no program is handed it, and a command of a user gets back the host's own, `kplay_tmpdir`, as it gets back the host's
 * umask, `kplay_umask`: what it makes is for others, and what scripts of kplay make is not. `rootfs` stands for `/`; empty on
 * a real host.
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
