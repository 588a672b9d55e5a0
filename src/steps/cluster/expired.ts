import type { RefusePlan } from '../../core/plan.ts';
import { StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { assess, onlyExpired } from '../../kubeadm/certificates/due.ts';
import { isNeededForEtcd, isSignedByOthers } from '../../kubeadm/certificates/others.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { othersRemedy, othersWarning } from '../certs/others-warnings.ts';
import type { Proof } from './cluster-proof.ts';

/**
 * No proof would come of a renewal, because of what others sign and it does not replace: without etcd no API server is up again, and
 * where nobody reaches the API now, an expired certificate of the API server keeps it so.
 */
export function othersRefusal(world: World, now: Date): RefusePlan | undefined {
  const host = world.get(kubernetesFiles);
  const isUnreached = world.has(nodes) && world.get(nodes).state === 'no answer';
  const cause = host.credentials.find((credential) => {
    if (!isSignedByOthers(credential)) return false;
    const { condition } = assess(credential, onlyExpired(now));
    if (condition === 'key mismatch') return true;
    return condition === 'expired' && (isNeededForEtcd(credential) || (credential.name === 'apiserver' && isUnreached));
  });
  if (!cause) return undefined;
  return {
    action: 'refuse',
    code: 'certificate-expired',
    reason: `the proof would fail because of ${cause.name}, which this run does not renew: ${assess(cause, onlyExpired(now)).reason}`,
    remedy: othersRemedy(cause),
  };
}

/** What has expired stays so, however long it is waited for. */
export function failIfExpired(host: KubeadmHost, now: Date): void {
  const expired = expiredOf(host, now).filter(
    (credential) => !isSignedByOthers(credential) || isNeededForEtcd(credential),
  );
  const [first] = expired;
  if (!first) return;
  throw new StepFailure(
    'certificate-expired',
    `${expired.map(({ name }) => name).join(', ')} ${expired.length === 1 ? 'has' : 'have'} expired`,
    [],
    expired.every(isSignedByOthers)
      ? othersRemedy(first)
      : 'renew what has expired: kplay run renew-certs.yml -i INVENTORY',
  );
}

/** Certificates of others that have expired are told of and no failure: the old ones of the cluster would not mend that. */
export function othersProof(host: KubeadmHost, now: Date): Proof {
  const expired = expiredOf(host, now).filter(isSignedByOthers);
  return { proven: [], gaps: expired.map((credential) => othersWarning(credential, onlyExpired(now))) };
}

function expiredOf({ credentials }: KubeadmHost, now: Date): readonly Credential[] {
  return credentials.filter(
    ({ kind, holding }) =>
      kind !== 'kubelet' && (leafOf(holding)?.notAfter ?? Number.POSITIVE_INFINITY) < now.getTime(),
  );
}
