import { firstEvidence } from '../../core/events/evidence.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type Condition, isOver, isUnusable } from '../../kubeadm/certificates/condition.ts';
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
    return (
      isHopeless(credential, condition) ||
      (condition === 'expired' && credential.name === 'apiserver' && isApiUnreachable)
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

/** Fails on certificates that have expired or that nothing can use: waiting does not help. */
export function failIfUnusable({ credentials, role }: KubeadmHost, now: Date): void {
  const unusable = credentials.flatMap((credential) => {
    const { condition, reason } = assess(credential, onlyExpired(now));
    const isVain =
      credential.kind === 'kubelet'
        ? role === 'worker' && cannotAsk(credential, condition)
        : isHopeless(credential, condition);
    return isVain ? [{ credential, condition, reason }] : [];
  });
  const [first] = unusable;
  if (!first) return;
  const names = unusable.map(({ credential }) => credential.name).join(', ');
  const remedyFor = (what: string): string =>
    unusable.every(({ credential }) => isSignedByOthers(credential))
      ? othersRemedy(first.credential)
      : `renew what ${what}: kplay run renew-certs.yml -i INVENTORY`;
  if (unusable.every(({ condition }) => condition === 'expired'))
    throw new StepFailure('certificate-expired', `${names} ${unusable.length === 1 ? 'has' : 'have'} expired`, {
      remedy: remedyFor('has expired'),
    });
  throw new StepFailure('certificate-unusable', `${names} cannot be used`, {
    details: firstEvidence(unusable.map(({ credential, reason }) => [credential.name, reason])),
    remedy: remedyFor('cannot be used'),
  });
}

/** A worker has nothing else with which it could ask the API about its node. A running kubelet does not read it again. */
function cannotAsk({ name }: Credential, condition: Condition): boolean {
  return name === 'kubelet-client' && (isOver(condition) || condition === 'key mismatch');
}

/** Whether the proof has to fail because of a certificate in this condition, other than kubelet's own. */
function isHopeless(credential: Credential, condition: Condition): boolean {
  if (!isSignedByOthers(credential)) return isOver(condition) || isUnusable(condition);
  return condition === 'key mismatch' || (isOver(condition) && isNeededForEtcd(credential));
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
