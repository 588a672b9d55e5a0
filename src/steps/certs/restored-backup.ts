import type { World } from '../../core/world.ts';
import { type Backup, backups } from '../../facts/backups/backups.ts';
import { fileStates } from '../../facts/files/file-states.ts';
import type { BackupFile } from '../../kubeadm/backup-manifest.ts';
import type { BackupItem } from '../../kubeadm/certificates/pending.ts';
import type { FileState } from '../../kubeadm/host/model.ts';

/**
 * The backup that is to be put back, by its id or as the latest: the newest that was not itself made of what a rollback has
 * replaced. Those are put back by their id alone, so that a second rollback is not the reverse of the first.
 */
export function chosenBackup(world: World, directory: string, backup: string): Backup | undefined {
  const kept = world.get(backups(directory));
  return backup === 'latest'
    ? kept.find(({ replacedBy }) => replacedBy === undefined)
    : kept.find(({ id }) => id === backup);
}

/** What is now where the files of a backup belong, and where it tells that nothing was. */
export function statesOf({ files, absent = [] }: Backup) {
  return fileStates([...files.map(({ path }) => path), ...absent]);
}

/** What has come into places that were empty when the backup was made. */
export function surplusFiles(world: World, backup: Backup): readonly FileState[] {
  const current = world.get(statesOf(backup));
  return (backup.absent ?? []).flatMap((path) => current.get(path) ?? []);
}

/** The files of the backup that are not as they were. */
export function differingFiles(world: World, backup: Backup): readonly BackupFile[] {
  const current = world.get(statesOf(backup));
  return backup.files.filter((file) => {
    const now = current.get(file.path);
    return !now || !isSame(now, file);
  });
}

/** Putting it back would change nothing. */
export function isSame(now: FileState, then: BackupFile): boolean {
  return (
    now.sha256 === then.sha256 &&
    now.mode === then.mode &&
    now.uid === then.uid &&
    now.gid === then.gid &&
    (now.link ?? '') === (then.link ?? '')
  );
}

/** Each file is as it was before the rollback, or as that leaves it: whatever differs from `own` is the rollback's own work. */
export function isBetween(own: Backup, restored: Backup, items: readonly BackupItem[]): boolean {
  const known = [...own.files, ...restored.files];
  const isKnown = ({ file }: BackupItem) => known.some((then) => then.path === file.path && isSame(file, then));
  const present = new Set([...items.map(({ file }) => file.path), ...(restored.absent ?? [])]);
  return items.every(isKnown) && own.files.every(({ path }) => present.has(path));
}
