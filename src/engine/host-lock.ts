import type { WriteSession } from '../core/session.ts';
import { sh } from '../core/shell.ts';

/**
 * The lock that keeps two runs off one host: a directory that names its holder and the holder's shell on the host. It is
 * void when that shell is gone, so no run that was killed leaves a lock behind. Two names of one machine in an inventory share it.
 */
const LOCK = sh`L="$R"/run/kplay.lock
[ -d "$R"/run ] || mkdir -p "$R"/run 2>/dev/null || L="$R"/tmp/kplay.lock
alive() { [ -d "/proc/$1" ] && [ "$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20)" = "$2" ]; }
`;

/** @returns who holds the lock instead, in words; undefined when it is ours now. */
export async function takeLock(session: WriteSession, holder: string): Promise<string | undefined> {
  const { exitCode, stdout, stderr } = await session.run(sh`${LOCK}
us=${holder}
mine="$$ $(sed 's/.*) //' "/proc/$$/stat" | cut -d ' ' -f 20)"
for attempt in 1 2; do
  if mkdir "$L" 2>/dev/null; then
    echo "$us" >"$L/holder"
    echo "$mine" >"$L/shell"
    exit 0
  fi
  [ -d "$L" ] || { echo "$L cannot be made" >&2; exit 4; }
  shell=$(cat "$L/shell" 2>/dev/null)
  [ "$shell" != "$mine" ] || exit 0
  # A holder that has made the directory and not yet named its shell gets a moment.
  [ -n "$shell" ] || { sleep 1; shell=$(cat "$L/shell" 2>/dev/null); }
  if [ -n "$shell" ] && alive $shell; then
    holder=$(cat "$L/holder" 2>/dev/null)
    [ "$holder" != "$us" ] || exit 0
    echo "$holder"
    exit 3
  fi
  rm -rf "$L"
done
echo 'the lock changes hands too quickly' >&2
exit 4
`);
  if (exitCode === 0) return undefined;
  const text = (exitCode === 3 ? stdout : stderr).trim();
  return text === '' ? 'an unknown holder' : text;
}

export async function releaseLock(session: WriteSession): Promise<void> {
  await session.run(sh`${LOCK}
mine="$$ $(sed 's/.*) //' "/proc/$$/stat" | cut -d ' ' -f 20)"
[ "$(cat "$L/shell" 2>/dev/null)" != "$mine" ] || rm -rf "$L"
`);
}
