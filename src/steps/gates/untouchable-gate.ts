import { linkedPath } from '../../core/host-path.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { BackupFile } from '../../kubeadm/backup-manifest.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { untouchableAt } from '../../kubeadm/host/untouchable.ts';

const REMEDY =
  'move the certificate to a file of its own (see the flags in the manifest, and ls -li for links), or renew it by hand: kplay never writes a CA or ' +
  'the service account key, whatever path leads to it';

/** Refuses a leaf whose file is also that of a CA, by a flag or a link: renewing or restoring it would replace the CA. */
export function sharedFileRefusal({ credentials, untouchable }: KubeadmHost): RefusePlan | undefined {
  for (const { name, certificatePath, keyPath } of credentials) {
    for (const path of [certificatePath, keyPath]) {
      const one = untouchableAt(untouchable, path);
      if (one) return refusal(`${name} is kept in ${described(path, one.path)}, ${one.because}`);
    }
  }
  return undefined;
}

/** The same for the files of a backup, whoever made it. */
export function untouchableFileRefusal(
  { untouchable }: KubeadmHost,
  files: readonly Pick<BackupFile, 'path' | 'link'>[],
): RefusePlan | undefined {
  for (const { path, link } of files) {
    for (const written of link === undefined ? [path] : [path, linkedPath(path, link)]) {
      const one = untouchableAt(untouchable, written);
      if (one) return refusal(`the backup would be restored over ${described(written, one.path)}, ${one.because}`);
    }
  }
  return undefined;
}

function described(path: string, untouchable: string): string {
  return path === untouchable ? path : `${path}, which is ${untouchable}`;
}

function refusal(reason: string): RefusePlan {
  return { action: 'refuse', code: 'shared-file', reason, remedy: REMEDY };
}
