import { count } from '../../core/count.ts';
import type { Change } from '../../core/plan.ts';
import type { Backup } from '../../facts/backups/backups.ts';
import type { BackupItem } from '../../kubeadm/certificates/pending.ts';

/** A new backup, as shown. */
export function creation(backup: Backup, items: readonly BackupItem[]): Change {
  const kilobytes = Math.ceil(items.reduce((sum, { file }) => sum + file.size, 0) / 1000);
  return {
    kind: 'create',
    target: backup.directory,
    before: null,
    after: { files: items.length },
    summary: `${count(items.length, 'file')}, ${kilobytes} kB`,
    details: items.map(({ file }) => file.path),
    disruptive: false,
  };
}

/** An old backup that is removed, as shown. */
export function removal({ directory, createdAt }: Backup): Change {
  return {
    kind: 'remove',
    target: directory,
    before: { created: createdAt },
    after: null,
    summary: 'old backup',
    disruptive: false,
  };
}

/** What a run that was killed, or a removal that failed, has left of a backup, and is removed, as shown. */
export function unfinishedRemoval(directory: string): Change {
  return {
    kind: 'remove',
    target: directory,
    before: {},
    after: null,
    summary: 'left of a backup that was not finished, or not removed completely',
    disruptive: false,
  };
}
