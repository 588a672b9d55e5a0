import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';

/** Whether a session can list backups; `path` is the directory that `user` may not read. */
export type BackupAccess =
  | { readonly state: 'open' }
  | { readonly state: 'hidden'; readonly user: string; readonly path: string };

const accessFact: Fact<{ readonly directory: string }, BackupAccess> = {
  name: 'backup_access',
  summary: 'whether the session may look into the backup directory',
  probe: ({ directory }) => ({
    script: sh`d="$R"${directory}
# Below a directory that may not be searched nothing seems to be there.
at=$d
while [ ! -e "$at" ] && [ -n "$at" ]; do at=\${at%/*}; done
if [ "$at" = "$d" ]; then set -- "$d" "$d"/*/; else set -- "\${at:-/}"; fi
for one; do
  [ -d "$one" ] || continue
  if [ ! -x "$one" ] || { [ "$at" = "$d" ] && [ ! -r "$one" ]; }; then
    printf 'user %s\nhidden %s\n' "$(id -un)" "\${one#"$R"}"
    break
  fi
done
`,
  }),
  parse({ stdout }) {
    const [, user = ''] = /^user (.*)$/m.exec(stdout) ?? [];
    const [, path] = /^hidden (.*)$/m.exec(stdout) ?? [];
    return path === undefined ? { state: 'open' } : { state: 'hidden', user, path: path.replace(/(?<=.)\/$/, '') };
  },
};

/** Whether a session can list the backups below a directory of the host. */
export function backupAccess(directory: string): FactRef<BackupAccess> {
  return factRef(accessFact, { directory });
}
