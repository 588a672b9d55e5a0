import { firstEvidence } from '../../core/events/evidence.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { backupPlace } from '../../facts/backups/backup-place.ts';
import { type Backup, isWhole } from '../../facts/backups/backups.ts';
import { system } from '../../facts/host/system.ts';
import type { BackupFile } from '../../kubeadm/backup-manifest.ts';
import type { BackupItem } from '../../kubeadm/certificates/pending.ts';
import { unwritableRefusal } from './host-gate.ts';

/** The files of the newest complete backup: restoring a damaged one would write the damage. */
export function savedFiles(backups: readonly Backup[]): readonly BackupFile[] {
  return newestComplete(backups)?.files ?? [];
}

/** The newest backup that can be relied on (`isWhole`); undefined if there is none. @param backups newest first */
export function newestComplete(backups: readonly Backup[]): Backup | undefined {
  return backups.find(isWhole);
}

/** Whether this run has made the backup: later differences are then the run's own work. */
export function isMadeBy({ id }: Pick<Backup, 'id'>, runId: string): boolean {
  return id === runId || id.startsWith(`${runId}-`);
}

/** Refuses to change files that are in no backup. */
export function backupRefusal(missing: readonly BackupItem[]): RefusePlan | undefined {
  if (missing.length === 0) return undefined;
  return {
    action: 'refuse',
    code: 'backup-missing',
    reason: `no complete backup contains ${missing.length === 1 ? missing[0]?.file.path : `${missing.length} files that would be changed`}`,
    remedy:
      'put a certs.backup task before this one, with the same renew_before, extra_sans, users and directory (its to is backup_to here), and do not exclude it with tags',
    details: firstEvidence(missing.map(({ file }) => ['not saved', file.path])),
  };
}

const PRIVATE_REMEDY =
  'choose another directory (backup_to), or make this one accessible only to root: chown root, chmod 700, and no directory above it writable by others';

/** Refuses a place of backups that is no directory, one that others can write, or one that even root cannot. */
export function backupPlaceRefusal(world: World, directory: string): RefusePlan | undefined {
  const place = world.get(backupPlace(directory));
  if (place === 'exposed') return exposedRefusal(directory);
  if (place === 'closed') return unwritableRefusal(directory, world.get(system));
  if (place !== 'no directory') return undefined;
  return {
    action: 'refuse',
    code: 'backup-no-directory',
    reason: `${directory} is not a directory`,
    remedy: 'look what it is, and move it away, or choose another directory (backup_to)',
  };
}

/** Refuses a directory that others can write: whoever writes to a backup decides what root writes when it is restored. */
export function exposedRefusal(directory: string): RefusePlan {
  return {
    action: 'refuse',
    code: 'backup-exposed',
    reason: `users other than root can write to ${directory}, or a directory above it`,
    remedy: PRIVATE_REMEDY,
  };
}
