import { printed } from '../../core/program-output.ts';
import type { WriteSession } from '../../core/session.ts';
import { type ShellScript, sh } from '../../core/shell.ts';
import { StepFailure } from '../../core/step.ts';
import { type HostHolder, LOCK_FUNCTIONS, parseHolder } from '../../facts/host/host-lock.ts';

/** For a session that holds the lock or wants it. Two inventory names of one machine share its lock. */
export const LOCK = sh`[ -d "$R"/run ] || mkdir -p "$R"/run 2>/dev/null
${LOCK_FUNCTIONS}
started $$
mine="$$ $ticks"
`;

/** The contents of a lock. */
export interface LockOwner {
  /** Who holds it, for people. */
  readonly holder: string;
  /** The first of all hosts to be locked, by name, with its address. */
  readonly first: string;
}

/**
 * Takes the lock. Who may clear a void lock is decided by a directory that is named after the shell that left it: only one run can make it.
 * Otherwise, of two runs that find a void lock at once, the slower one would clear the lock that the faster one has just taken.
 * Exits with 0 if this run has the lock (it has printed which shell of which machine took it), with 3 if it is held (`held` has printed
 * by whom), and with 4 if nobody can take it.
 */
const TAKE = ({ holder, first }: LockOwner): ShellScript => sh`${LOCK}
us=${holder}
first=${first}
# taken_by SHELL: with its machine, as shells of two machines may have the same pid and start.
taken_by() { first_line /proc/sys/kernel/hostname; echo "$1 $line"; exit 0; }
for attempt in 1 2 3 4 5; do
  if mkdir "$L" 2>/dev/null; then
    printf '%s\n' "$us" >"$L/holder" && printf '%s\n' "$first" >"$L/first" && echo "$mine" >"$L/shell" && taken_by "$mine"
    rm -rf "$L"
    echo "$L cannot be written" >&2
    exit 4
  fi
  # Nothing there to be held: it has just been given back, or nobody can make it.
  [ -d "$L" ] || continue
  # A holder that has made the directory and not yet named its shell gets a moment.
  [ -s "$L/shell" ] || sleep 1
  first_line "$L/shell"
  shell=$line
  [ "$shell" != "$mine" ] || taken_by "$shell"
  if by=$(held); then
    [ "$(cat "$L/holder" 2>/dev/null)" != "$us" ] || taken_by "$shell"
    printf '%s\n' "$by"
    exit 3
  fi
  clearing="$L.void-$(echo "$shell" | tr ' ' -)"
  if mkdir "$clearing" 2>/dev/null; then
    [ "$(cat "$L/shell" 2>/dev/null)" != "$shell" ] || rm -rf "$L"
    rmdir "$clearing"
  else
    sleep 1
  fi
done
[ -d "$L" ] || { echo "$L cannot be made" >&2; exit 4; }
echo "$L is void and cannot be cleared away: make sure that no run is under way, then remove $L*" >&2
exit 4
`;

/** A host that is too busy to answer within this time is in no state to be changed. */
const LIMIT_MS = 30_000;

/**
 * @param onTaken called if it is ours, with the shell that took it and its machine: the same for all names of one machine
 * @returns who holds the lock instead; undefined if it is ours now
 * @throws {StepFailure} when no lock can be taken on the host
 */
export async function takeLock(
  session: WriteSession,
  owner: LockOwner,
  onTaken: (shell: string) => void = () => undefined,
): Promise<HostHolder | undefined> {
  const { exitCode, stdout, stderr, timedOut } = await session.run(TAKE(owner), { timeoutMs: LIMIT_MS });
  if (exitCode === 0) {
    onTaken(stdout.trim());
    return undefined;
  }
  const other = exitCode === 3 ? parseHolder(stdout) : undefined;
  if (other) return other;
  throw new StepFailure('lock-failed', timedOut ? 'its lock could not be taken in time' : 'its lock cannot be taken', {
    details: printed(stderr),
    remedy: 'make sure that the session is root (become: true), and that /run is writable and not full',
  });
}

/**
 * Moves a lock that this run already holds to this shell, because the shell that took it has lost its connection. A watcher watches this one
 * from then on, too: the host may have been armed just when the connection was lost.
 * @returns whether the run holds it; otherwise the watcher was faster, and the host restores itself
 * @throws {StepFailure} when it cannot be written
 */
export async function adoptLock(session: WriteSession, holder: string): Promise<boolean> {
  const script = sh`${LOCK}
ours() { first_line "$L/holder"; [ "$line" = ${holder} ] || exit 3; }
ours
[ ! -s "$L/watcher" ] || echo "$mine" >>"$L/watched" || exit
ours
echo "$mine" >"$L/shell"`;
  const { exitCode, stderr } = await session.run(script, { timeoutMs: LIMIT_MS });
  if (exitCode !== 0 && exitCode !== 3)
    throw new StepFailure('lock-failed', stderr.trim() === '' ? 'its lock was not taken' : stderr.trim());
  return exitCode === 0;
}

/** The unit by which an armed host restores itself at its next start. */
export const UNIT_FILES: ShellScript = sh`"$R"/etc/systemd/system/kplay-when-lost.service "$R"/etc/systemd/system/multi-user.target.wants/kplay-when-lost.service`;

/**
 * Removes what an armed host would do if the run were lost; fails if that stays, which would put back old files at the next boot. On a host
 * that was never armed, no program is started.
 */
export const FORGET_LOST_RUN: ShellScript = sh`[ ! -d "$R"/var/lib/kplay ] || {
  rm -f ${UNIT_FILES} "$R"/var/lib/kplay/when-lost "$R"/var/lib/kplay/when-lost.new
  rmdir "$R"/var/lib/kplay 2>/dev/null || :
  [ ! -e "$R"/var/lib/kplay/when-lost ] && { sync "$R"/var/lib/kplay "$R"/var/lib 2>/dev/null || :; }
}
`;

/**
 * The watcher is stopped first: if it found its list of shells gone while still named in the lock, it would take the run for
 * lost. The lock goes last: an end of the script in between leaves nothing that undoes the run, and nobody else arms the host before.
 * @param signal ends the wait for the host
 * @throws {StepFailure} when the lock is still there, or what the host would do at its next boot
 */
export async function releaseLock(session: WriteSession, signal?: AbortSignal): Promise<void> {
  const { exitCode, stderr } = await session.run(
    sh`${LOCK}
first_line "$L/shell"
[ "$line" = "$mine" ] || exit 0
rm -rf "$L/watcher" || exit
${FORGET_LOST_RUN}
[ $? = 0 ] || exit 5
rm -rf "$L"`,
    { timeoutMs: LIMIT_MS, ...(signal && { signal }) },
  );
  if (exitCode === 5)
    throw new StepFailure(
      'lock-failed',
      `/var/lib/kplay/when-lost cannot be removed: remove it, or old files are put back at the next boot (${stderr.trim()})`,
    );
  if (exitCode !== 0)
    throw new StepFailure('lock-failed', stderr.trim() === '' ? 'the host did not remove it' : stderr.trim());
}
