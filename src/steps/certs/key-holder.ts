import { randomBytes } from 'node:crypto';
import type { FactRef } from '../../core/fact.ts';
import type { World } from '../../core/world.ts';
import { type KeyProof, keyProof } from '../../facts/certificates/key-proof.ts';
import type { Credential } from '../../kubeadm/host/model.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { hasSigned } from '../../pki/verify.ts';

/** Random, so nobody can have had it signed before. */
export const CHALLENGE = `kplay checks whether this host has the key of its certificate: ${randomBytes(16).toString('hex')}`;

/** Has a host sign with the key of one of its certificates: neither the certificate nor the public key is secret. */
export function keyChallenge({ keyPath }: Credential): FactRef<KeyProof> {
  return keyProof(keyPath, CHALLENGE);
}

/** Why the answer does not prove that the host has the key; undefined if it does. */
export function keyFault(credential: Credential, leaf: Certificate, world: World): string | undefined {
  const proof = world.find(keyChallenge(credential));
  if (!proof) return 'its key was not checked';
  if (proof.state === 'cannot') return `it has not proven that it has the key of its certificate: ${proof.reason}`;
  return hasSigned(leaf, CHALLENGE, proof.signature) ? undefined : 'it does not have the key of its certificate';
}
