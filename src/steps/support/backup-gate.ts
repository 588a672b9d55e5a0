import type { RefusePlan } from '../../core/plan.ts';
import type { BackupItem } from '../../kubeadm/pending.ts';

/** Nothing is changed that is in no backup. */
export function backupRefusal(missing: readonly BackupItem[]): RefusePlan | undefined {
  if (missing.length === 0) return undefined;
  return {
    action: 'refuse',
    reason: `no backup holds ${missing.length === 1 ? missing[0]?.file.path : `${missing.length} files that would be changed`}`,
    remedy: 'put a certs.backup task before this one, and do not leave it out with tags',
    details: missing.slice(0, 5).map(({ file }) => ['not saved', file.path]),
  };
}
