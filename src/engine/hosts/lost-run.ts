import type { WriteSession } from '../../core/session.ts';
import { hereDocument, type ShellScript, sh } from '../../core/shell.ts';
import { StepFailure } from '../../core/step.ts';
import { GUARD_FUNCTIONS } from '../../facts/guarded-path.ts';
import { FORGET_LOST_RUN, LOCK } from './host-lock.ts';

/**
 * What a host does by itself when the run that has locked it, under the name `holder`, is lost: cut off, killed, or gone with
 * the host's power.
 *
 * A process of the host watches the run's shells there: the one that has locked it, and those of all sessions that have come
 * here, which may still be at their last script. It ends them itself when the run says nothing any more: a controller that is gone
 * without a word (a lid that is closed, a firewall) leaves shells that sshd ends only hours later. A run that comes back then
 * has lost the host. When all have ended and the lock is still there, the run was lost: the
 * watcher takes the lock over, carries the script out, and lets go. A run that ends as it should releases its lock, and the
 * watcher ends without a deed. Power that goes takes the watcher along: where systemd starts the host, a unit carries the
 * script out before kubelet starts. systemd reads it at the start alone; it is removed with the lock.
 *
 * @throws {StepFailure} when the host cannot be told.
 */
export async function setWhenLost(
  session: WriteSession,
  script: ShellScript | undefined,
  holder: string,
): Promise<void> {
  const { exitCode, stderr } = await session.run(script === undefined ? forget(holder) : watch(script, holder));
  if (exitCode === 0) return;
  throw new StepFailure(
    'restore-not-armed',
    'cannot prepare the host to restore itself',
    stderr.trim() === '' ? [] : [['output', stderr.trim()]],
    'make sure that the session is root (become: true), and that /var/lib and /run are writable and have room',
  );
}

/** The lock is the run's, and need not be this session's: tasks that become root in other ways have sessions of their own. */
function ours(holder: string): ShellScript {
  return sh`${LOCK}
first_line "$L/holder"
[ "$line" = ${holder} ] || { echo "$L does not name this run" >&2; exit 1; }`;
}

function forget(holder: string): ShellScript {
  return sh`${ours(holder)}
rm -f "$L/watcher"
${FORGET_LOST_RUN}`;
}

/** Who holds the lock then, for whoever reads it. */
const HOST_ITSELF = 'the host itself, which puts back what a lost run had begun';

const UNIT = `[Unit]
Description=Restore what a kplay run left half changed at a power loss
Before=kubelet.service
ConditionPathExists=/var/lib/kplay/when-lost
[Service]
Type=oneshot
ExecStart=/bin/sh /var/lib/kplay/when-lost at-start
ExecStopPost=/bin/sh -c 'test "$SERVICE_RESULT" != timeout || exec mv -f /var/lib/kplay/when-lost /var/lib/kplay/when-lost.failed'
TimeoutStartSec=60
`;

/**
 * An attempt that has failed is the last one. Somebody mends by hand what it has left, and a start months later must not put old
 * files in the place of theirs; `kplay check` tells of the script, which keeps its text under another name. The script keeps its
 * own name until the attempt has ended, so power that goes in its midst leaves the host armed, and the next start tries again.
 * The rename is what disarms, at once and as a whole: the unit does nothing without the script, so that what is removed after it
 * may as well stay.
 */
const GIVE_UP: ShellScript = sh`w="$R"/var/lib/kplay/when-lost
mv -f "$w" "$w".failed
rm -f "$R"/etc/systemd/system/kplay-when-lost.service "$R"/etc/systemd/system/multi-user.target.wants/kplay-when-lost.service
sync -f "\${w%/*}" 2>/dev/null || sync
`;

/**
 * A run that has a host in its hands lets its shells there write `beat`, each half a minute. The watcher looks for another one after
 * so many of its rounds, of 0.3 s, and takes the run for lost after so many looks in vain: five minutes. A cut that is mended
 * sooner is nothing, for what was sent meanwhile arrives two minutes later at most (TCP_RTO_MAX). It counts its rounds, since a host
 * that is suspended, or whose clock is set, has not been left; and a shell that is at a script cannot write.
 */
const ROUNDS = '100';
const QUIET = '10';

/**
 * The watcher says who it is before the script ends, which waits for as long as the watcher can write to it: from then on the
 * lock is the host's when the shells are gone. The pid of a subshell is not `$$`; its children know it as their parent's.
 * One that watches already carries out what it finds when the time has come: the script that was given last.
 */
function watch(script: ShellScript, holder: string): ShellScript {
  const text = sh`[ -n "\${R+set}" ] || { R=; tool() { command -v "$1"; }; }
if [ "\${1-}" = at-start ]; then
  ${LOCK}
  mkdir -p "$L"
  echo ${HOST_ITSELF} >"$L/holder"
  echo "$mine" | tee "$L/watcher" >"$L/shell"
fi
(
${script}
)
if [ $? = 0 ]; then
  ${FORGET_LOST_RUN}
else
  ${GIVE_UP}
fi
[ "\${1-}" != at-start ] || rm -rf "$L"
`;
  return sh`${ours(holder)}
watched() { first_line "$L/watcher"; alive $line; }
set -e
umask 077
first_line "$L/shell" || :
for one in "$line" "$mine"; do
  grep -qxF "$one" "$L/watched" 2>/dev/null || echo "$one" >>"$L/watched"
done
w="$R"/var/lib/kplay/when-lost
if [ -d "\${w%/*}" ]; then
  ${GUARD_FUNCTIONS}
  exclusive "\${w%/*}" || { echo "users other than root can write to \${w%/*}, from which root is to run a script" >&2; exit 1; }
else mkdir -p "\${w%/*}"
fi
${hereDocument(sh`cat >"$w.new"`, text)}
if watched && cmp -s "$w.new" "$w"; then rm -f "$w.new"; touch "$w"; exit 0; fi
mv -f "$w.new" "$w"
if [ -d "$R"/run/systemd/system ]; then
  u="$R"/etc/systemd/system
  mkdir -p "$u"/multi-user.target.wants
  ${hereDocument(sh`cat >"$u"/kplay-when-lost.service`, UNIT)}
  ln -sf ../kplay-when-lost.service "$u"/multi-user.target.wants/kplay-when-lost.service
  # /var may be a file system of its own.
  sync -f "$u" "$R"/var/lib/kplay 2>/dev/null || sync
fi
set +e
! watched || exit 0
rm -f "$L/watcher"
: "$( (
  trap '' HUP
  self=$(exec sh -c 'echo "$PPID"')
  self="$self $(started "$self")"
  echo "$self" >"$L/watcher"
  exec >/dev/null 2>&1
  due() { first_line "$L/watcher"; [ "$line" = "$self" ]; }
  busy() { while read -r one; do ! alive $one || return 0; done <"$L/watched"; return 1; }
  atwork() {
    for stat in /proc/[0-9]*/stat; do
      first_line "$stat"
      set -- \${line##*') '}
      [ "\${1-}" = Z ] || ! grep -q "^\${2-} " "$L/watched" 2>/dev/null || return 0
    done
    return 1
  }
  n=0
  quiet=0
  last=
  while busy && due; do
    sleep 0.3 2>/dev/null || sleep 1
    n=$((n + 1))
    [ $((n % ${ROUNDS})) = 0 ] || continue
    # Says until when the run, or its host, was there (steps/placing/put-back).
    touch -c "$R"/var/lib/kplay/when-lost
    first_line "$L/beat" || :
    if [ "$line" != "$last" ] || atwork; then
      last=$line
      quiet=0
    else
      quiet=$((quiet + 1))
      if [ "$quiet" -ge ${QUIET} ]; then
        # What is stopped begins no script any more: none is to run on beside what is put back.
        each() { while read -r one; do ! alive $one || kill "-$1" \${one%% *}; done <"$L/watched"; }
        each STOP
        if atwork; then quiet=0; each CONT; else each KILL; fi
      fi
    fi
  done
  due || exit 0
  touch -c "$R"/var/lib/kplay/when-lost
  echo ${HOST_ITSELF} >"$L/holder"
  echo "$self" >"$L/shell"
  (. "$R"/var/lib/kplay/when-lost)
  rm -rf "$L"
) </dev/null & )"
[ -s "$L/watcher" ] || { echo "$L cannot be written" >&2; exit 1; }
`;
}
