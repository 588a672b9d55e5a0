import { type ShellScript, sh } from '../../core/shell.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import type { Backup } from '../../facts/backups/backups.ts';
import { type Pending, restorableFiles } from '../../kubeadm/certificates/pending.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { isMadeBy, newestComplete } from '../gates/backup-gate.ts';
import { restoreFromBackup } from './restore-from-backup.ts';

/**
 * Arms the host before the first file is changed: from here on, until everything is renewed, it restores itself if the run is
 * lost. A run without its own backup restores only what it changes itself from another run's backup.
 * @param pending everything that will be changed from here on
 */
export async function beginChange(
  context: WriteContext,
  host: KubeadmHost,
  backups: readonly Backup[],
  pending: Pending,
): Promise<void> {
  const backup = backupFor(context, host, backups, pending);
  if (backup) await context.whenLost(unlessRepaired(backup, restoreFromBackup(host, backup, backup.files)));
}

/**
 * Restores a backup on a host that is armed meanwhile: if the run is lost, the host takes back what was restored. In between, a certificate
 * may be beside the key of another, with which nothing starts. An undo, and a run that has saved nothing, is finished by the host instead.
 * @param script restores `backup`
 */
export async function restoreArmed(
  context: WriteContext,
  host: KubeadmHost,
  backups: readonly Backup[],
  { backup, script, isUndo }: { readonly backup: Backup; readonly script: ShellScript; readonly isUndo: boolean },
): Promise<void> {
  const own = isUndo ? undefined : newestComplete(backups);
  const whenLost =
    own && isMadeBy(own, context.runId)
      ? unlessRepaired(own, restoreFromBackup(host, own, own.files, { surplus: own.absent ?? [] }))
      : unlessRepaired(backup, script);
  const isUnarmed = isUndo && !(await armToUndo(context, whenLost));
  if (!isUndo) await context.whenLost(whenLost);
  await context.run(script);
  if (!isUnarmed) await context.whenLost(undefined);
}

/** Arms a host that is put back, if it can be: that needs room, which a full disk does not have. @returns whether it has been */
export async function armToUndo(context: WriteContext, whenLost: ShellScript): Promise<boolean> {
  try {
    await context.whenLost(whenLost);
    return true;
  } catch (error) {
    if (error instanceof StepFailure) return false;
    throw error;
  }
}

/** The newest backup; of another run's backup only the files that are pending or moved aside. */
export function backupFor(
  { runId }: Pick<WriteContext, 'runId'>,
  host: KubeadmHost,
  backups: readonly Backup[],
  pending: Pending,
): Backup | undefined {
  const backup = newestComplete(backups);
  if (!backup || isMadeBy(backup, runId)) return backup;
  return { ...backup, files: restorableFiles(backup.files, pending, host) };
}

/**
 * What an armed host does: `script`, which restores the files of the backup. The host may boot long after the run was lost, if
 * nobody could run the script before; files that somebody has repaired since are not restored then. The modification time of
 * the script is the last time at which the run, or its watcher, is known to have been alive. It is updated before files are
 * touched, so that another power loss meanwhile does not count as a repair.
 */
export function unlessRepaired({ files }: Backup, script: ShellScript): ShellScript {
  return sh`if [ "\${1-}" = at-start ]; then
  last=$(stat -c %Y "$R"/var/lib/kplay/when-lost)
  for f in ${files.map(({ path }) => path)}; do
    changed=$(stat -c %Z "$R$f" 2>/dev/null) || continue
    [ "$changed" -le $((last + 600)) ] || { echo "$f was changed after the run was lost: nothing is put back" >&2; exit 1; }
  done
  touch "$R"/var/lib/kplay/when-lost
fi

${script}`;
}
