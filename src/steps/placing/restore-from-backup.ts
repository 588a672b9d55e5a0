import { linkedPath } from '../../core/host-path.ts';
import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import type { Backup } from '../../facts/backups/backups.ts';
import type { BackupFile } from '../../kubeadm/backup-manifest.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { ASIDE_DIRECTORY } from '../../kubeadm/host/raw-files.ts';
import { byDirectory } from './by-directory.ts';
import { removeTokenConf } from './kubelet-back.ts';
import { attributesOf, attributeWords, placeFunctions } from './place-functions.ts';
import { enterStage } from './staging.ts';

/**
 * A script that restores files of a backup. Files that were moved aside are moved back, which needs no disk space: to an empty
 * place, or over what differs from the backup if they are as in it. An older run may have left its own there. Files that
 * still differ then, or are in `always`, are replaced by their copies; files at the paths in `surplus` are removed. The script
 * continues after a file that it cannot restore, and fails at its end.
 */
export function restoreFromBackup(
  host: KubeadmHost,
  backup: Backup,
  files: readonly BackupFile[],
  {
    always = new Set(),
    surplus = [],
  }: { readonly always?: ReadonlySet<string>; readonly surplus?: readonly string[] } = {},
): ShellScript {
  const puts = files.map((file) => {
    const putOne = sh`(set -e; ${put(backup, file, always.has(file.path))})
[ $? = 0 ] || failed=1`;
    return always.has(file.path)
      ? putOne
      : sh`if ${isOther(file)}; then
${putOne}
fi`;
  });
  const saved = files.map(({ path, sha256 }) => sh`${path}) printf %s ${sha256} ;;`);
  const places = [...byDirectory(backup.files, ({ path }) => path).keys()];
  return sh`set -u
${enterStage()}
${placeFunctions(host.untouchable)}
differs() { [ ! -f "$R$1" ] || [ "$(sha256sum 2>/dev/null <"$R$1" | cut -c 1-64)" != "$2" ]; }
linked() { [ -L "$R$1" ] && [ "$(readlink "$R$1")" = "$2" ]; }
saved() { case $1 in
${joinScripts(saved)}
esac; }
# wanted ASIDE PATH: whether what was moved aside belongs there rather than what is there.
wanted() {
  { [ ! -f "$R$2" ] && [ ! -L "$R$2" ]; } || [ "$(sha256sum <"$1" | cut -c 1-64)" = "$(saved "$2")" ]
}
failed=
a="$R"${ASIDE_DIRECTORY}
if [ -d "$a" ]; then
  ${removeTokenConf()}
  find "$a" -type f | while IFS= read -r f; do
    to=\${f#"$a"}
    wanted "$f" "$to" || continue
    enter "\${to%/*}" make && spare "./\${to##*/}" && vacate "./\${to##*/}" && mv -f "$f" .
  done
fi
${joinScripts(puts)}
for f in ${surplus}; do
  enter "\${f%/*}" && spare "./\${f##*/}" && rm -f "./\${f##*/}" || failed=1
done
[ -z "$failed" ] || exit 1
for d in ${places}; do flush "$R$d"; done
for d in ${places}; do [ ! -d "$R$d"/.kplay-new ] || { beside "$d" && leave; } || :; done
rm -rf "$a" "$S"
`;
}

/** As a condition in a script. */
function isOther({ path, sha256, link }: BackupFile): ShellScript {
  const differs = sh`differs ${path} ${sha256}`;
  return link === undefined ? differs : sh`{ ! linked ${path} ${onHost(link)} || ${differs}; }`;
}

/** Restores a file. A link is restored as a link; its target is written only if its content differs from the backup. */
function put({ directory }: Backup, file: BackupFile, always: boolean): ShellScript {
  const { path, sha256, link } = file;
  const source = sh`"$R"${`${directory}/files${path}`}`;
  const place = (target: string): ShellScript =>
    sh`place ${source} ${target} ${attributeWords(attributesOf(file, file.mode))}`;
  if (link === undefined) return place(path);
  const target = linkedPath(path, link);
  return sh`${always ? place(target) : sh`! differs ${target} ${sha256} || ${place(target)}`}
relink ${onHost(link)} ${path}`;
}

/** The target as written in the link: below the rootfs if it is absolute. */
function onHost(link: string): ShellScript {
  return link.startsWith('/') ? sh`"$R"${link}` : sh`${link}`;
}
