import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { GUARD_FUNCTIONS } from '../files/guarded-path.ts';

/** Where backups go: a directory of root's that nobody else can write, or exchange, or that is to be made. */
export type BackupPlace = 'private' | 'absent' | 'exposed';

const placeFact: Fact<{ readonly directory: string }, BackupPlace> = {
  name: 'backup_place',
  summary: 'whether others can write the backup directory',
  probe: ({ directory }) => ({
    script: sh`${GUARD_FUNCTIONS}
d="$R"${directory}
if [ ! -e "$d" ] && [ ! -L "$d" ]; then echo absent
elif exclusive "$d"; then echo private
else echo exposed
fi
`,
  }),
  parse({ stdout }) {
    const said = stdout.trim();
    return said === 'private' || said === 'absent' ? said : 'exposed';
  },
};

/** The state of the directory below which a host keeps its backups. */
export function backupPlace(directory: string): FactRef<BackupPlace> {
  return factRef(placeFact, { directory });
}
