import { printed } from '../../core/program-output.ts';
import type { WriteSession } from '../../core/session.ts';
import { hereDocument, type ShellScript, sh } from '../../core/shell.ts';
import { StepFailure } from '../../core/step.ts';
import { GUARD_FUNCTIONS } from '../../facts/files/guarded-path.ts';
import { WATCH_FUNCTIONS } from '../../facts/host/host-lock.ts';
import { FORGET_LOST_RUN, LOCK, UNIT_FILES } from './host-lock.ts';

/**
 * Arms a host, or disarms it: says what it does by itself when the run that has locked it, under the name `holder`, is lost (cut off,
 * killed, or gone with the host's power).
 *
 * A process on the host, the watcher, watches the run's shells there: the shell that has locked the host, and those of all sessions that
 * called this function, each of which may still be at its last script. When all of them have ended and the lock is still there, the run
 * was lost: the watcher takes the lock over, runs the script, and releases the lock. When a run ends as it should, it releases its lock
 * itself, and the watcher ends without doing anything.
 *
 * A controller may vanish without closing its connections (a closed lid, a firewall); sshd would end its shells only hours later. So the
 * watcher ends them when the run has been silent for five minutes. A run that comes back after that has lost the host.
 *
 * A power loss ends the watcher too. On hosts with systemd a unit runs the script at the next start, before kubelet. The unit is removed
 * together with the lock.
 *
 * @param script undefined disarms the host
 * @throws {StepFailure} when the host cannot be armed or disarmed.
 */
export async function setWhenLost(
  session: WriteSession,
  script: ShellScript | undefined,
  holder: string,
): Promise<void> {
  const { exitCode, stderr } = await session.run(
    script === undefined ? disarmScript(holder) : armScript(script, holder),
  );
  if (exitCode === 0) return;
  if (script === undefined)
    throw new StepFailure('restore-not-armed', 'cannot tell the host that it need not restore itself any more', {
      details: printed(stderr),
      remedy:
        'make sure that /var/lib and /run are writable; while /var/lib/kplay/when-lost is there, the host puts old files back at its next boot',
    });
  throw new StepFailure('restore-not-armed', 'cannot prepare the host to restore itself', {
    details: printed(stderr),
    remedy:
      'make sure that the session is root (become: true), and that /var/lib, /run and /etc/systemd/system are writable and have free space',
  });
}

/** Checks that this run holds the lock, in any of its sessions: tasks with another `become` have their own sessions. */
function checkOwnLock(holder: string): ShellScript {
  return sh`${LOCK}
first_line "$L/holder"
[ "$line" = ${holder} ] || { echo "$L does not name this run" >&2; exit 1; }`;
}

function disarmScript(holder: string): ShellScript {
  return sh`${checkOwnLock(holder)}
${FORGET_LOST_RUN}
[ $? = 0 ] || exit
rm -f "$L/watcher"`;
}

/** The holder of the lock while the host restores itself, for people. */
const HOST_ITSELF = 'the host itself, which is restoring itself after a lost run';

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
 * Disarms the host after a failed attempt, which is the last one: somebody will repair by hand what it left, and a boot of the
 * host months later must not overwrite their work. The script stays under another name, and `kplay check` reports it. It is
 * renamed only after the attempt, so that after a power loss during the attempt the next boot tries again. The rename alone
 * disarms the host, because the unit does nothing without the script; removing the unit afterwards only tidies up.
 */
const GIVE_UP: ShellScript = sh`w="$R"/var/lib/kplay/when-lost
mv -f "$w" "$w".failed
rm -f ${UNIT_FILES}
sync -f "\${w%/*}" 2>/dev/null || sync
`;

/**
 * A run writes `beat` through its shells on the host every 30 seconds. Every ROUNDS rounds of 0.3 s the watcher checks for a
 * new beat; after QUIET checks without one (five minutes) it takes the run for lost. A connection that recovers sooner does no
 * harm, because what was sent meanwhile arrives within two minutes (TCP_RTO_MAX). The watcher counts rounds and reads no clock,
 * since a host may be suspended or its clock set; and it does not count while a shell runs a script, because such a shell
 * cannot write.
 */
const ROUNDS = '100';
const QUIET = '10';

/**
 * What the host runs when the run is lost: `script`. Afterwards the host is disarmed, whether that has succeeded or not. At a boot, with
 * `at-start`, nobody has the lock: it also takes that, and releases it.
 */
function whenLostScript(script: ShellScript): ShellScript {
  return sh`[ -n "\${R+set}" ] || { R=; tool() { command -v "$1"; }; }
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
}

/**
 * Starts the watcher in the background. It waits until all shells have ended, and ends those of a silent run itself. If the lock is still
 * there then, it takes that over, runs the script, and releases the lock. (The pid of a subshell is not `$$`, so the watcher asks a child for the pid of its parent.)
 */
const WATCHER: ShellScript = sh`: "$( (
  trap '' HUP
  self=$(exec sh -c 'echo "$PPID"')
  started "$self"
  self="$self $ticks"
  echo "$self" >"$L/watcher"
  exec >/dev/null 2>&1
  due() { first_line "$L/watcher"; [ "$line" = "$self" ]; }
  at_work() {
    pids=
    while read -r pid start; do pids="$pids $pid"; done <"$L/watched"
    has_child $pids
  }
  n=0
  quiet=0
  last=
  while any_alive <"$L/watched" && due; do
    sleep 0.3 2>/dev/null || sleep 1
    n=$((n + 1))
    [ $((n % ${ROUNDS})) = 0 ] || continue
    # Says until when the run, or its host, was there (steps/placing/when-lost).
    touch -c "$R"/var/lib/kplay/when-lost
    first_line "$L/beat" || :
    beat=$line
    if [ "$beat" != "$last" ] || at_work; then
      last=$beat
      quiet=0
    else
      quiet=$((quiet + 1))
      if [ "$quiet" -ge ${QUIET} ]; then
        # What is stopped begins no script any more: none is to run on beside what is put back.
        each() { while read -r one; do ! alive $one || kill "-$1" \${one%% *}; done <"$L/watched"; }
        each STOP
        if at_work; then quiet=0; each CONT; else each KILL; fi
      fi
    fi
  done
  due || exit 0
  touch -c "$R"/var/lib/kplay/when-lost
  echo ${HOST_ITSELF} >"$L/holder"
  echo "$self" >"$L/shell"
  (. "$R"/var/lib/kplay/when-lost)
  rm -rf "$L"
) </dev/null & )"`;

/**
 * The script that arms the host. It ends only when the watcher has written its pid into the lock: from then on the lock belongs
 * to the host once the shells are gone. A running watcher is kept: it runs the latest script when the time comes.
 */
function armScript(script: ShellScript, holder: string): ShellScript {
  return sh`${checkOwnLock(holder)}
${WATCH_FUNCTIONS}set -e
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
${hereDocument(sh`cat >"$w.new"`, whenLostScript(script))}
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
${WATCHER}
[ -s "$L/watcher" ] || { echo "$L cannot be written" >&2; exit 1; }
`;
}
