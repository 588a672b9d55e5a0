import type { FactRef } from '../../core/fact.ts';
import type { World } from '../../core/world.ts';
import { type ProvenPair, provenPairs } from '../../facts/certificates/proven-pairs.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { asidePath } from '../../kubeadm/host/raw-files.ts';
import { PAIRS } from '../../kubeadm/table.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { trustPath } from '../../pki/chain.ts';
import { hasSigned } from '../../pki/verify.ts';
import { CHALLENGE } from './key-holder.ts';
import { isOfComponent } from './master-proof.ts';

/** Pairs that only a master has, signed by the CA that kubelets trust. */
const PROVING = PAIRS.filter(({ authority }) => authority === 'ca').map(({ name }) => name);

/** Has a master sign with the keys of its components: where they are, or where a renewal has moved them. */
export function signerChallenge({ credentials }: KubeadmHost): FactRef<readonly ProvenPair[]> {
  const places = credentials
    .filter(({ name }) => PROVING.some((proving) => proving === name))
    .flatMap(({ certificatePath, keyPath }) => [
      [certificatePath, keyPath] as const,
      [asidePath(certificatePath), asidePath(keyPath)] as const,
    ]);
  return provenPairs(places, CHALLENGE);
}

/** Whether a host has proven to be a master to those who trust these authorities. */
export function isProvenSigner(host: KubeadmHost, world: World, trusted: readonly Certificate[]): boolean {
  const challenge = signerChallenge(host);
  if (!world.has(challenge)) return false;
  return world
    .get(challenge)
    .some(
      ({ certificate, chain, signature }) =>
        PROVING.some((name) => isOfComponent(name, certificate)) &&
        hasSigned(certificate, CHALLENGE, signature) &&
        trustPath(certificate, chain, trusted) !== undefined,
    );
}
