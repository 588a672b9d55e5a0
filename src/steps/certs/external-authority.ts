import { count } from '../../core/count.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { isKeyElsewhere } from '../../kubeadm/certificates/authority-refusal.ts';
import { assess, assessKubelet } from '../../kubeadm/certificates/due.ts';
import { pendingLeaves, pendingOf } from '../../kubeadm/certificates/pending.ts';
import type { Credential } from '../../kubeadm/host/model.ts';
import type { CertificateView } from './parameters.ts';

/** What to do if the key of a CA is kept elsewhere. */
const SIGN_ELSEWHERE =
  'if this master should have the key, copy it to that path from a master that has it (owner root, mode 600), and run again; ' +
  'otherwise kplay certs csr, with the same -i and -l, writes a request for each, to be signed where the key is kept';

/**
 * Refuses a master without the key of a CA, listing everything due that cannot be signed on it, whichever step would make it.
 * Undefined if everything can be signed.
 */
export function externalAuthorityRefusal(view: CertificateView): RefusePlan | undefined {
  const { host, homes, rule } = view;
  if (host.role !== 'control-plane') return undefined;
  const keyless = new Map(
    host.authorities
      .filter((authority) => authority.certificate && isKeyElsewhere(authority))
      .map(({ name, keyPath }) => [name, keyPath]),
  );
  const unsigned = pendingLeaves(pendingOf(host, homes, rule)).filter(({ authority }) => keyless.has(authority));
  if (unsigned.length === 0) return undefined;
  const keys = [...new Set(unsigned.flatMap(({ authority }) => keyless.get(authority) ?? []))];
  const what = count(unsigned.length, 'certificate that is', 'certificates that are');
  return {
    action: 'refuse',
    code: 'ca-external',
    reason: `${keys.join(', ')} ${keys.length === 1 ? 'is' : 'are'} not on this host: ${what} due cannot be signed here`,
    remedy: SIGN_ELSEWHERE,
    details: unsigned.map((credential) => [
      credential.name,
      `${reasonOf(credential, view)}; signed by ${credential.authority}`,
    ]),
  };
}

/** A certificate that an earlier task moves aside is judged as it was before. */
function reasonOf(credential: Credential, { rule }: CertificateView): string {
  const { aside, holding } = credential;
  const judged =
    aside && holding.state === 'absent' ? { ...credential, holding: aside.holding, key: 'match' as const } : credential;
  return (credential.kind === 'kubelet' ? assessKubelet : assess)(judged, rule).reason;
}
