import type { World } from '../../core/world.ts';
import { type Backup, backups } from '../../facts/backups/backups.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { fileStates } from '../../facts/files/file-states.ts';
import type { BackupFile } from '../../kubeadm/backup-manifest.ts';
import type { BackupItem } from '../../kubeadm/certificates/pending.ts';
import type { FileState, KubeadmHost } from '../../kubeadm/host/model.ts';
import { targetElsewhere } from '../../kubeadm/saved-paths.ts';

/**
 * The backup to be restored, by id or `latest`: the newest one that was not made by a rollback. Those made by a rollback can
 * only be chosen by id, so that a second rollback does not revert the first.
 */
export function chosenBackup(world: World, directory: string, backup: string): Backup | undefined {
  const all = world.get(backups(directory));
  return backup === 'latest'
    ? all.find(({ replacedBy }) => replacedBy === undefined)
    : all.find(({ id }) => id === backup);
}

/** The present files in the places of a backup, including places that it recorded as empty. */
export function statesOf({ files, absent = [] }: Backup) {
  return fileStates([...files.map(({ path }) => path), ...absent]);
}

/** The present files, elsewhere on the host, to which links of a backup lead; undefined if none does. */
export function targetsOf(host: KubeadmHost, { files }: Backup) {
  const targets = files.flatMap((file) => targetElsewhere(host, file) ?? []);
  return targets.length === 0 ? undefined : fileStates(targets);
}

/** A file that a restore would have to write elsewhere on the host, behind a link, because it is not as in the backup. */
export function changedElsewhere(world: World, backup: Backup): BackupFile | undefined {
  const host = world.get(kubernetesFiles);
  const targets = targetsOf(host, backup);
  return backup.files.find((file) => {
    const target = targetElsewhere(host, file);
    return targets && target !== undefined && world.get(targets).get(target)?.sha256 !== file.sha256;
  });
}

/** Files in places that were empty when the backup was made. */
export function surplusFiles(world: World, backup: Backup): readonly FileState[] {
  const current = world.get(statesOf(backup));
  return (backup.absent ?? []).flatMap((path) => current.get(path) ?? []);
}

/** The files of the backup that have changed since. */
export function differingFiles(world: World, backup: Backup): readonly BackupFile[] {
  const current = world.get(statesOf(backup));
  return backup.files.filter((file) => {
    const now = current.get(file.path);
    return !now || !isSame(now, file);
  });
}

/** Whether restoring it would change nothing. */
export function isSame(now: FileState, saved: BackupFile): boolean {
  return (
    now.sha256 === saved.sha256 &&
    now.mode === saved.mode &&
    now.uid === saved.uid &&
    now.gid === saved.gid &&
    (now.link ?? '') === (saved.link ?? '')
  );
}

/** Whether each file is in its state before or after the rollback: differences from `own` are the rollback's own work then. */
export function isMidRollback(own: Backup, restored: Backup, items: readonly BackupItem[]): boolean {
  const known = [...own.files, ...restored.files];
  const isKnown = ({ file }: BackupItem) => known.some((saved) => saved.path === file.path && isSame(file, saved));
  const present = new Set([...items.map(({ file }) => file.path), ...(restored.absent ?? [])]);
  return items.every(isKnown) && own.files.every(({ path }) => present.has(path));
}
