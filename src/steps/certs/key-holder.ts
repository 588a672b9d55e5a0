import { randomBytes } from 'node:crypto';
import type { FactRef } from '../../core/fact.ts';
import type { World } from '../../core/world.ts';
import { type KeyProof, keyProof } from '../../facts/certificates/key-proof.ts';
import type { Credential } from '../../kubeadm/host/model.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { hasSigned } from '../../pki/verify.ts';

/** Nobody can have had this signed before. */
const QUESTION = `kplay checks whether this host has the key of its certificate: ${randomBytes(16).toString('hex')}`;

/** Asks a host to sign with the key of one of its certificates: the certificate alone is no secret, and neither is the public half of its key. */
export function keyQuestion({ keyPath }: Credential): FactRef<KeyProof> {
  return keyProof(keyPath, QUESTION);
}

/** Why the answer does not prove that the host has the key; undefined when it does. */
export function keyFault(credential: Credential, leaf: Certificate, world: World): string | undefined {
  const question = keyQuestion(credential);
  const proof = world.has(question) ? world.get(question) : undefined;
  if (!proof) return 'its key was not checked';
  if (proof.state === 'cannot') return `it has not proven that it has the key of its certificate: ${proof.reason}`;
  return hasSigned(leaf, QUESTION, proof.signature) ? undefined : 'it does not have the key of its certificate';
}
