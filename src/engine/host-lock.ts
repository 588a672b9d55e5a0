import type { WriteSession } from '../core/session.ts';
import { type ShellScript, sh } from '../core/shell.ts';
import { StepFailure } from '../core/step.ts';

/**
 * The lock that keeps two runs off one host: a directory that names its holder and the holder's shell on the host. It is
 * void when that shell is gone, so no run that was killed leaves a lock behind. Two names of one machine in an inventory share it.
 * Every run that changes something pays for it on every host: the shell does itself what it can without starting a program.
 */
export const LOCK = sh`L="$R"/run/kplay.lock
[ -d "$R"/run ] || mkdir -p "$R"/run 2>/dev/null || L="$R"/tmp/kplay.lock
first_line() { line=; read -r line 2>/dev/null <"$1"; }
started() { first_line "/proc/$1/stat"; set -- \${line##*') '}; echo "\${20}"; }
alive() { [ -d "/proc/$1" ] && [ "$(started "$1")" = "$2" ]; }
mine="$$ $(started $$)"
is_ours() { first_line "$L/shell"; [ "$line" = "$mine" ]; }
`;

/**
 * Who may clear a void lock away is decided by a directory named after the shell that left it: of two runs that find it at
 * once, the slower would else clear away the lock that the faster has just taken.
 */
const TAKE = (holder: string): ShellScript => sh`${LOCK}
us=${holder}
for attempt in 1 2 3 4 5 6 7 8; do
  if mkdir "$L" 2>/dev/null; then
    echo "$us" >"$L/holder" && echo "$mine" >"$L/shell" && exit 0
    rm -rf "$L"
    echo "$L cannot be written" >&2
    exit 4
  fi
  # Nothing there to be held: it has just been given back, or nobody can make it.
  [ -d "$L" ] || continue
  first_line "$L/shell"
  shell=$line
  [ "$shell" != "$mine" ] || exit 0
  # A holder that has made the directory and not yet named its shell gets a moment.
  [ -n "$shell" ] || { sleep 1; first_line "$L/shell"; shell=$line; }
  if [ -n "$shell" ] && alive $shell; then
    first_line "$L/holder"
    [ "$line" != "$us" ] || exit 0
    echo "$line"
    exit 3
  fi
  # The host is about to take the lock over, to put back what that run had begun: cleared away, that would not come about.
  if [ -e "$L/when-lost" ] && [ "$attempt" -lt 6 ]; then
    sleep 1
    continue
  fi
  clearing="$L.void-$(echo "$shell" | tr ' ' -)"
  if mkdir "$clearing" 2>/dev/null; then
    first_line "$L/shell"
    [ "$line" != "$shell" ] || rm -rf "$L"
    rmdir "$clearing"
  else
    sleep 1
  fi
done
[ -d "$L" ] || { echo "$L cannot be made" >&2; exit 4; }
echo "$L is void and cannot be cleared away: see to it that no run is under way, and remove $L*" >&2
exit 4
`;

/** A host that is too busy to answer that soon is in no state to be changed. */
const LIMIT_MS = 30_000;

/**
 * @returns who holds the lock instead, in words; undefined when it is ours now.
 * @throws {StepFailure} when the host lets nobody take one.
 */
export async function takeLock(session: WriteSession, holder: string): Promise<string | undefined> {
  const { exitCode, stdout, stderr, timedOut } = await session.run(TAKE(holder), { timeoutMs: LIMIT_MS });
  if (exitCode === 0) return undefined;
  if (exitCode === 3) return stdout.trim() === '' ? 'an unknown holder' : stdout.trim();
  const said = stderr.trim();
  throw new StepFailure(
    timedOut ? 'its lock could not be taken in time' : 'its lock cannot be taken',
    said === '' ? [] : [['it said', said]],
    'see to it that the session is root (become: true) and that /run can be written',
  );
}

/** What the host was told to do when the run is lost is of no use any more. Where it was told nothing, no program is started. */
export const FORGET_LOST_RUN: ShellScript = sh`[ ! -d "$R"/var/lib/kplay ] || {
  rm -f "$R"/etc/systemd/system/kplay-when-lost.service "$R"/etc/systemd/system/multi-user.target.wants/kplay-when-lost.service "$R"/var/lib/kplay/when-lost
  rmdir "$R"/var/lib/kplay 2>/dev/null || :
}
`;

/** @throws {StepFailure} when it is still there. */
export async function releaseLock(session: WriteSession): Promise<void> {
  const { exitCode, stderr } = await session.run(
    sh`${LOCK}
is_ours || exit 0
rm -rf "$L" || exit
${FORGET_LOST_RUN}`,
    { timeoutMs: LIMIT_MS },
  );
  if (exitCode !== 0) throw new StepFailure(stderr.trim() === '' ? 'the host did not remove it' : stderr.trim());
}
