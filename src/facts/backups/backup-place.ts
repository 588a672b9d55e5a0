import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { GUARD_FUNCTIONS } from '../files/guarded-path.ts';

/**
 * Where backups go: a directory that only root can write or replace, or that does not exist yet. `no directory`: something else is there;
 * `closed`: the session cannot write it, or make it.
 */
export type BackupPlace = 'private' | 'absent' | 'exposed' | 'no directory' | 'closed';

const STATES: readonly BackupPlace[] = ['private', 'absent', 'no directory', 'closed'];

const placeFact: Fact<{ readonly directory: string }, BackupPlace> = {
  name: 'backup_place',
  summary: 'whether others can write the backup directory',
  probe: ({ directory }) => ({
    script: sh`${GUARD_FUNCTIONS}
d="$R"${directory}
if [ ! -e "$d" ] && [ ! -L "$d" ]; then
  # It will be made below the first directory that exists.
  while d=\${d%/*}; [ -n "$d" ] && [ ! -d "$d" ]; do :; done
  at=$(cd -P "$d/" && pwd -P) && if ! guarded "\${at%/}/."; then echo exposed; elif [ -w "$at" ]; then echo absent; else echo closed; fi
elif [ ! -d "$d" ]; then echo 'no directory'
elif ! exclusive "$d"; then echo exposed
elif [ -w "$d" ]; then echo private
else echo closed
fi
`,
  }),
  parse({ stdout }) {
    const output = stdout.trim();
    return STATES.find((state) => state === output) ?? 'exposed';
  },
};

/** The state of the directory that contains the host's backups. */
export function backupPlace(directory: string): FactRef<BackupPlace> {
  return factRef(placeFact, { directory });
}
