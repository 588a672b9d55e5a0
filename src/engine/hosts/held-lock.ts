import { printed } from '../../core/program-output.ts';
import type { WriteSession } from '../../core/session.ts';
import { sh } from '../../core/shell.ts';
import { StepFailure } from '../../core/step.ts';
import { LOCK_FUNCTIONS, WATCH_FUNCTIONS } from '../../facts/host/host-lock.ts';

/** The present lock of a host, void or not. */
export interface HeldLock {
  readonly path: string;
  /** As the holder wrote it. */
  readonly holder: string;
  /** The holder's shells on the host that are still running. */
  readonly shells: readonly HolderShell[];
  /** The host watches these shells and restores itself when they are gone, or is already doing so. */
  readonly isWatched: boolean;
}

/** A shell of a lock’s holder on the host. */
export interface HolderShell {
  readonly pid: number;
  /** Start time as the kernel counts it: distinguishes the process from a later one with the same pid. */
  readonly started: string;
  /** Whether it is running a script at this moment. */
  readonly isBusy: boolean;
}

const READ_LOCK = sh`${LOCK_FUNCTIONS}${WATCH_FUNCTIONS}
[ -d "$L" ] || exit 0
echo "lock $L"
first_line "$L/holder"
echo "holder $line"
first_line "$L/watcher"
watcher=$line
alive $watcher && echo watched
for file in "$L/shell" "$L/watched"; do
  [ -f "$file" ] || continue
  while read -r one; do
    [ "$one" != "$watcher" ] && alive $one || continue
    state=idle
    ! has_child \${one%% *} || state=busy
    echo "shell $one $state"
  done <"$file"
done
:
`;

const READ_LIMIT_MS = 30_000;

/** @returns undefined if the host is not locked @throws {StepFailure} when the lock cannot be read */
export async function readLock(session: WriteSession): Promise<HeldLock | undefined> {
  const { exitCode, stdout, stderr } = await session.run(READ_LOCK, { timeoutMs: READ_LIMIT_MS });
  if (exitCode !== 0)
    throw new StepFailure('lock-failed', 'its lock cannot be read', {
      details: printed(stderr),
    });
  return parseHeldLock(stdout);
}

/** Parses the output of READ_LOCK. */
export function parseHeldLock(text: string): HeldLock | undefined {
  const lines = text.split('\n');
  const after = (word: string): string | undefined =>
    lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
  const path = after('lock');
  if (path === undefined) return undefined;
  const shells = new Map<number, HolderShell>();
  for (const line of lines) {
    const [, pid, started = '', state] = /^shell (\d+) (\d+) (busy|idle)$/.exec(line) ?? [];
    if (pid !== undefined) shells.set(Number(pid), { pid: Number(pid), started, isBusy: state === 'busy' });
  }
  const holder = after('holder')?.trim() ?? '';
  return {
    path,
    holder: holder === '' ? 'an unknown run' : holder,
    shells: [...shells.values()],
    isWatched: lines.includes('watched'),
  };
}

/** Restoring files takes seconds; the last script of a lost run ends before that. */
const BREAK_LIMIT_MS = 150_000;

/**
 * Ends the holder's shells, so that it can do nothing more on the host, waits until an armed host has restored itself, and
 * removes the lock.
 * @throws {StepFailure} when the lock has changed hands since it was read, or cannot be removed
 */
export async function breakLock(session: WriteSession, { holder, shells }: HeldLock): Promise<void> {
  const known = shells.map(({ pid, started }) => `${pid} ${started}`);
  const { exitCode, stderr, timedOut } = await session.run(
    sh`${LOCK_FUNCTIONS}${WATCH_FUNCTIONS}
[ -d "$L" ] || exit 0
first_line "$L/holder"
[ "\${line:-an unknown run}" = ${holder} ] || { echo "it is held by another run by now: $line" >&2; exit 1; }
for one in ${known}; do alive $one && kill \${one%% *}; done
for second in 1 2 3 4 5; do
  printf '%s\n' ${known} | any_alive || break
  sleep 1
done
for one in ${known}; do alive $one && kill -9 \${one%% *}; done
n=0
while [ -d "$L" ] && watched; do
  n=$((n + 1))
  [ "$n" -lt 120 ] || { echo 'the host is still restoring itself' >&2; exit 1; }
  sleep 1
done
[ -d "$L" ] || exit 0
if by=$(held); then echo "it is held: $by" >&2; exit 1; fi
rm -rf "$L" "$L".void-*
`,
    { timeoutMs: BREAK_LIMIT_MS },
  );
  if (exitCode === 0) return;
  const why = timedOut ? 'it took longer than two minutes' : stderr;
  throw new StepFailure('lock-failed', 'its lock could not be removed', {
    details: printed(why),
    remedy: 'check the host, then run unlock again',
  });
}
