import { posix } from 'node:path';
import { count } from '../../core/count.ts';
import { firstEvidence } from '../../core/events/evidence.ts';
import type { PlanWarning, RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { type Backup, isWhole } from '../../facts/backups/backups.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import type { FileState } from '../../kubeadm/host/model.ts';
import { mayBeSaved } from '../../kubeadm/saved-paths.ts';
import { changedElsewhere } from './restored-backup.ts';

/** Refuses a backup whose files are not what its manifest says. @param available all backups of the host */
export function damagedRefusal({ id, damaged }: Backup, available: readonly Backup[]): RefusePlan {
  const whole = available.filter(isWhole);
  return {
    action: 'refuse',
    code: 'backup-damaged',
    reason: `backup ${id} is damaged: ${count(damaged.length, 'file does', 'files do')} not have the recorded digest`,
    remedy:
      whole.length === 0
        ? 'no backup here is whole; to get new certificates, renew: kplay run renew-certs.yml, with the same -i and -l'
        : `choose another one with --backup (in a playbook: backup): ${whole.map((backup) => backup.id).join(', ')}`,
    details: firstEvidence(damaged.map((path) => ['damaged', path])),
  };
}

/** Refuses a backup whose manifest was not read, because there are too many newer ones. */
export function unreadRefusal({ id, directory }: Backup, available: readonly Backup[]): RefusePlan {
  const parent = posix.dirname(directory);
  return {
    action: 'refuse',
    code: 'backup-unread',
    reason: `backup ${id} was not read: there are ${available.length} backups in ${parent}, and only the newest are read`,
    remedy: `move newer ones that are not needed out of ${parent}, then run again`,
  };
}

/** Warns about a backup of a host of another name. It is not refused, because hosts may be renamed in the inventory. */
export function otherHostWarnings({ id, host, directory }: Backup, name: string): readonly PlanWarning[] {
  if (host === name) return [];
  return [
    {
      message: `backup ${id} was made of a host named ${host}, not of ${name}`,
      remedy: `if that is another host, do not restore it here: its certificates are for its own names and addresses (${directory}/manifest says what it contains)`,
    },
  ];
}

/**
 * Refuses a backup with a file that kplay never saves, or with one that it would have to write elsewhere on the host, through a link.
 * @param surplus files that restoring it would remove
 */
export function foreignRefusal(world: World, backup: Backup, surplus: readonly FileState[]): RefusePlan | undefined {
  const { id, directory, files } = backup;
  const host = world.get(kubernetesFiles);
  const foreign = [...files, ...surplus].find(({ path }) => !mayBeSaved(host, path));
  if (foreign)
    return {
      action: 'refuse',
      code: 'backup-foreign',
      reason: `backup ${id} holds ${foreign.path}, which kplay never saves on such a host`,
      remedy: `look at ${directory}; you can restore good files from it by hand`,
    };
  const changed = changedElsewhere(world, backup);
  if (changed)
    return {
      action: 'refuse',
      code: 'backup-foreign',
      reason: `backup ${id} holds ${changed.path}, a link to ${changed.link}, and that is not the file that it was: kplay writes none with such a name through a link`,
      remedy: `if that file is to be as it was, copy ${directory}/files${changed.path} to it by hand, then run again`,
    };
  return undefined;
}

/** Refuses a backup that does not exist. @param available all backups of the host */
export function absentRefusal(
  available: readonly Backup[],
  { backup, backup_to }: { readonly backup: string; readonly backup_to: string },
): RefusePlan {
  return {
    action: 'refuse',
    code: 'backup-absent',
    reason:
      available.length === 0 ? `there is no backup in ${backup_to}` : `there is no backup ${backup} in ${backup_to}`,
    remedy:
      available.length === 0
        ? 'if the backups are in another directory, name it: --backup-to (in a playbook: backup_to); otherwise nothing can be restored on this host'
        : `there are: ${available.map(({ id }) => id).join(', ')}`,
  };
}
