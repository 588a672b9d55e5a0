import type { PlanWarning } from '../../core/plan.ts';
import type { Consumers } from '../../facts/consumers.ts';
import { assess, type DueRule } from '../../kubeadm/due.ts';
import type { HomeKubeconfig } from '../../kubeadm/home.ts';
import { leafOf } from '../../kubeadm/interpret.ts';
import type { KubeadmHost } from '../../kubeadm/model.ts';
import { isSignedBy } from '../../pki/verify.ts';

/**
 * What else uses the credentials that are renewed: reported with what to do, never changed silently. `kept` are the users'
 * kubeconfigs that kplay keeps in step itself.
 */
export function consumerWarnings(
  host: KubeadmHost,
  seen: Consumers,
  kept: readonly HomeKubeconfig[],
  rule: DueRule,
): readonly PlanWarning[] {
  const isRenewing = host.credentials.some(
    (credential) => credential.kind !== 'kubelet' && assess(credential, rule).due,
  );
  return [...copyWarnings(host, seen, kept, rule), ...(isRenewing ? userWarnings(seen) : [])];
}

/** Copies whose certificate is due by the same rule as the originals. */
function copyWarnings(
  host: KubeadmHost,
  { copies }: Consumers,
  kept: readonly HomeKubeconfig[],
  rule: DueRule,
): readonly PlanWarning[] {
  const authority = host.authorities.find(({ name }) => name === 'ca')?.certificate;
  const original = host.credentials.find(({ name }) => name === 'admin.conf');
  const followed = new Set(kept.map(({ path }) => path));
  return copies.flatMap(({ path, user, holding }): readonly PlanWarning[] => {
    const certificate = leafOf(holding);
    if (!certificate || !authority || !original || followed.has(path) || !isSignedBy(certificate, authority)) return [];
    const { due, reason } = assess(
      { ...original, holding, key: 'match', signedByAuthority: true },
      { ...rule, renewed: new Set() },
    );
    if (!due) return [];
    return [
      {
        message: `${path} has a certificate of its own for ${user}, which is not renewed: ${reason}`,
        remedy: 'copy admin.conf there anew, or add its user to kubeconfig_users',
      },
    ];
  });
}

function userWarnings({ users }: Consumers): readonly PlanWarning[] {
  return users.map(({ path, kind }) => ({
    message: `${kind} ${path} uses credentials that are renewed`,
    remedy:
      kind === 'cron job'
        ? 'it reads them anew each time it runs'
        : 'restart it after the run: what it has loaded stays the old one',
  }));
}
