import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import type { WriteContext } from '../../core/step.ts';
import type { Backup } from '../../facts/backups.ts';
import type { BackupFile } from '../../kubeadm/backup-manifest.ts';
import { ASIDE_DIRECTORY } from '../../kubeadm/raw-files.ts';
import { newestWhole } from './backup-gate.ts';
import { byDirectory } from './by-directory.ts';
import { PLACE_FUNCTIONS } from './place-functions.ts';
import { enterStage } from './staging.ts';

/**
 * Puts files of a backup back. What was moved aside is moved back, which needs no room on the disk; what then still has
 * another content, or is in `always`, is replaced by its copy. It goes on after a file that cannot be put back, and fails.
 */
export function putBack(
  backup: Backup,
  files: readonly BackupFile[],
  always: ReadonlySet<string> = new Set(),
): ShellScript {
  const puts = files.map((file) => {
    const putOne = sh`(set -e; ${put(backup, file)})
[ $? = 0 ] || failed=1`;
    return always.has(file.path)
      ? putOne
      : sh`if differs ${file.path} ${file.sha256}; then
${putOne}
fi`;
  });
  const places = [...byDirectory(backup.files, ({ path }) => path).keys()];
  return sh`set -u
${enterStage()}
${PLACE_FUNCTIONS}
differs() { [ ! -f "$R$1" ] || [ "$(sha256sum 2>/dev/null <"$R$1" | cut -c 1-64)" != "$2" ]; }
failed=
a="$R"${ASIDE_DIRECTORY}
if [ -d "$a" ]; then
  find "$a" -type f | while IFS= read -r f; do
    to=\${f#"$a"}
    enter "\${to%/*}" make && vacate "./\${to##*/}" && mv -f "$f" .
  done
fi
${joinScripts(puts)}
[ -z "$failed" ] || exit 1
for d in ${places}; do [ ! -d "$R$d"/.kplay-new ] || { beside "$d" && leave; } || :; done
rm -rf "$a" "$S"
`;
}

/** From here on until all is made anew the host puts itself back when the run is lost. */
export async function beginChange(context: WriteContext, backups: readonly Backup[]): Promise<void> {
  const backup = newestWhole(backups);
  if (backup) await context.whenLost(putBack(backup, backup.files));
}

/** A link is put back as a link, its target with the content that the backup has. */
function put({ directory }: Backup, { path, mode, uid, gid, label, link }: BackupFile): ShellScript {
  const source = sh`"$R"${`${directory}/files${path}`}`;
  const target = link ?? path;
  const placed = sh`place ${source} ${target} ${mode} ${uid} ${gid} ${label ?? '-'}`;
  if (link === undefined) return placed;
  return sh`${placed}
relink ${link} ${path}`;
}
