import { type ShellScript, sh } from '../../core/shell.ts';
import type { FileState, Untouchable } from '../../kubeadm/host/model.ts';
import { ASIDE_DIRECTORY } from '../../kubeadm/host/raw-files.ts';
import { ENTER_FUNCTIONS } from './enter-directory.ts';

/**
 * The only way in which files of a host are replaced, as shell functions. A copy is made in a directory beside the target that
 * nobody else can write; it gets owner, access control list, mode and label there, and is renamed over the old file. So no reader
 * sees half a file, and other users who may write beside the target (in a home directory) can plant nothing that is written to, or
 * changes owner, instead of the copy. Files of one directory are placed together: few programs are started, and nothing is
 * replaced unless there is space for all of it.
 */
export function placeFunctions(untouchable: readonly Untouchable[]): ShellScript {
  return sh`${ENTER_FUNCTIONS}
${spareFunction(untouchable)}
${FUNCTIONS}`;
}

/**
 * The last check for files that no step may write, for what a plan could not see: the file itself, under another name or behind
 * a link, and its place while it does not exist.
 */
export function spareFunction(untouchable: readonly Untouchable[]): ShellScript {
  return sh`# spare PATH: fails when that is a CA's, or one of service accounts.
spare() {
  for one in ${untouchable.map(({ path }) => path)}; do
    if [ "$1" -ef "$R$one" ] || { [ "\${1##*/}" = "\${one##*/}" ] && [ "\${1%/*}" -ef "$R\${one%/*}" ]; }; then
      printf '%s\n' "$1 is $one, which kplay does not write: a CA or a service account depends on it" >&2
      return 1
    fi
  done
}`;
}

/** `flush DIRECTORY...`: the names in them are as they are now after a power loss, too. Not every file system can. */
export const FLUSH: ShellScript = sh`flush() { sync "$@" 2>/dev/null || :; }`;

const FUNCTIONS: ShellScript = sh`${FLUSH}
# A container that starts while a file that it mounts is away gets an empty directory in its place, made by its runtime.
vacate() { [ ! -d "$1" ] || [ -L "$1" ] || rmdir "$1"; }
nothing_here() {
  set -- ./* ./.[!.]*
  [ ! -e "$1" ] && [ ! -L "$1" ] && [ ! -e "$2" ] && [ ! -L "$2" ]
}
# beside DIRECTORY [STAGED...]: enters an empty directory there that nobody else can write, with copies that have their own names.
beside() {
  enter "$1" make || return 1
  beside=$1 copied= held=
  shift
  here=$(pwd -P) made=
  if [ -L ./.kplay-new ] || { [ -e ./.kplay-new ] && [ ! -d ./.kplay-new ]; }; then rm -f ./.kplay-new; fi
  [ -d ./.kplay-new ] || { mkdir ./.kplay-new && made=1; } || { where; return 1; }
  cd -P ./.kplay-new && [ "$(pwd -P)" = "\${here%/}/.kplay-new" ] || { error "$here/.kplay-new is being replaced by another process"; return 1; }
  mode=$(stat -c '%u %a' .)
  case $mode in
    "$me 700" | "$me 2700") ;;
    # A default ACL of the directory goes before the umask.
    "$me "*[2367]? | "$me "*[2367]) [ -n "$made" ] && chmod 700 . && nothing_here ;;
    "$me "*) chmod 700 . ;;
    *) false ;;
  esac && { [ -n "$made" ] || nothing_here || rm -f ./* ./.[!.]*; } ||
    { error "$here/.kplay-new belongs to another user, or others can write to it: check whose it is, and remove it"; return 1; }
  [ $# = 0 ] || cp "$@" . || abandon
}
# abandon: after a program that has failed.
abandon() { where; leave; return 1; }
# leave: removes the directory and whatever is in it.
leave() {
  nothing_here || rm -rf ./* ./.[!.]*
  cd -P .. && rmdir ./.kplay-new
  cd /
  return 0
}
# listed FILE...: whether one has an access control list. An ls that does not know of them tells of none.
listed() { ls -ld "$@" 2>/dev/null | grep -q '^-.\{9\}+'; }
# give_list FROM TO: by cp, if it is that of GNU; one in Rust may copy no lists, and say nothing.
give_list() { { cp --attributes-only --preserve=mode "$1" "$2" && listed "$2"; } 2>/dev/null || getfacl -p "$1" | setfacl --set-file=- "$2"; }
# keep_list FILE...: gives copies the access control list of what they replace, which is in its place or moved aside; if neither is
# there, that of the file in a backup. What a user might exchange is taken from under its second name.
keep_list() {
  aside=$R${ASIDE_DIRECTORY}$beside
  listed "$copied" ../* ../.[!.]* "$aside"/* || return 0
  for name; do
    for old in "\${held:-../\${name#./}}" "$aside/\${name#./}" "$copied"; do
      if [ -L "$old" ] || [ ! -f "$old" ] || ! listed "$old"; then continue; fi
      give_list "$old" "$name" && [ -s "$name" ] && listed "$name" ||
        { error "$beside/\${name#./}: its access control list cannot be kept, which needs setfacl of the package acl"; return 1; }
      break
    done
  done
}
# dress MODE UID GID LABEL FILE...: what copies are to be like, before they have their names. A change of owner takes bits off the mode.
dress() {
  mode=$1 owner=$2:$3 label=$4
  shift 4
  [ "$me" != 0 ] || chown "$owner" "$@" || abandon || return 1
  # Before the mode, which limits what the list allows.
  keep_list "$@" || abandon || return 1
  chmod "$mode" "$@" || abandon || return 1
  if [ "$label" != - ]; then chcon "$label" "$@" || abandon || return 1
  elif [ -d /sys/fs/selinux ] && tool restorecon >/dev/null; then restorecon "$@" || :
  fi
}
# put_in_place ./NAME...: gives the copies their places, in this order, so that they are there after a power loss, too: what an armed
# host would restore then is forgotten afterwards. To a directory mv takes them without following what is there.
put_in_place() {
  for name; do spare "../\${name#./}" && vacate "../$name" || abandon || return 1; done
  [ -L "$1" ] || sync "$@" || abandon || return 1
  mv -f "$@" .. || abandon || return 1
  flush ..
  leave
}
# place STAGED PATH MODE UID GID LABEL: one file.
place() {
  beside "\${2%/*}" || return 1
  copied=$1
  cp "$1" "./\${2##*/}" || abandon || return 1
  dress "$3" "$4" "$5" "$6" "./\${2##*/}" && put_in_place "./\${2##*/}"
}
# relink TARGET LINK: the target as it is to stand in the link. Where nothing is in its place that needs no room but the link's own.
relink() {
  enter "\${2%/*}" make || return 1
  if [ ! -e "./\${2##*/}" ] && [ ! -L "./\${2##*/}" ] && guarded "$(pwd -P)/."; then
    ln -s "$1" "./\${2##*/}"
    return
  fi
  beside "\${2%/*}" || return 1
  ln -s "$1" "./\${2##*/}" || abandon || return 1
  put_in_place "./\${2##*/}"
}
# hold PATH SHA256 UID: what is beside it then has a second name there, ./.kplay-held, that its owner cannot exchange any more.
hold() {
  beside "\${1%/*}" || return 1
  held=./.kplay-held
  ln "../\${1##*/}" "$held" || abandon || return 1
  [ -f ./.kplay-held ] && [ ! -L ./.kplay-held ] && [ "$(stat -c %u ./.kplay-held)" = "$3" ] &&
    [ "$(sha256sum <./.kplay-held | cut -c 1-64)" = "$2" ] || { leave; error "$1 has changed since it was read"; return 1; }
}
`;

/** The attributes of a file in its place. */
export interface Attributes {
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** SELinux context; `-` for the host's default. */
  readonly label: string;
}

/** Those of the file that is replaced; for a new file `mode`, and root as owner. */
export function attributesOf(
  file: Pick<FileState, 'mode' | 'uid' | 'gid' | 'label'> | undefined,
  mode: string,
): Attributes {
  return { mode: file?.mode ?? mode, uid: file?.uid ?? 0, gid: file?.gid ?? 0, label: file?.label ?? '-' };
}

/** As arguments of the shell functions. */
export function attributeWords({ mode, uid, gid, label }: Attributes): readonly (string | number)[] {
  return [mode, uid, gid, label];
}
