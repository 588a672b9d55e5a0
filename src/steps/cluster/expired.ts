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
 * Refuses a renewal that could not be proven because of a certificate that others sign: without etcd no API server starts, and
 * while nobody reaches the API, an expired certificate of the API server keeps it that way.
 */
export function othersRefusal(world: World, now: Date): RefusePlan | undefined {
  const host = world.get(kubernetesFiles);
  const isApiUnreachable = world.has(nodes) && world.get(nodes).state === 'no answer';
  const cause = host.credentials.find((credential) => {
    if (!isSignedByOthers(credential)) return false;
    const { condition } = assess(credential, onlyExpired(now));
    if (condition === 'key mismatch') return true;
    return (
      condition === 'expired' && (isNeededForEtcd(credential) || (credential.name === 'apiserver' && isApiUnreachable))
    );
  });
  if (!cause) return undefined;
  return {
    action: 'refuse',
    code: 'certificate-expired',
    reason: `the proof would fail because of ${cause.name}, which this run does not renew: ${assess(cause, onlyExpired(now)).reason}`,
    remedy: othersRemedy(cause),
  };
}

/** Fails on an expired certificate: waiting does not help. */
export function failIfExpired(host: KubeadmHost, now: Date): void {
  const expired = expiredOf(host, now).filter(
    (credential) => !isSignedByOthers(credential) || isNeededForEtcd(credential),
  );
  const [first] = expired;
  if (!first) return;
  throw new StepFailure(
    'certificate-expired',
    `${expired.map(({ name }) => name).join(', ')} ${expired.length === 1 ? 'has' : 'have'} expired`,
    {
      remedy: expired.every(isSignedByOthers)
        ? othersRemedy(first)
        : 'renew what has expired: kplay run renew-certs.yml -i INVENTORY',
    },
  );
}

/** Expired certificates of others are reported, not failures: restoring the old ones of the cluster would not help. */
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
