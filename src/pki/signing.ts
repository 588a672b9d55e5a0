import { sign } from 'node:crypto';
import { bitString, type DerNode, encodeDer, oid, primitive, sequence, TAG } from './der.ts';
import { PkiError } from './pki-error.ts';
import type { PrivateKey } from './private-key.ts';

/** A key's signature algorithm. */
export interface SignatureAlgorithm {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** AlgorithmIdentifier: with NULL parameters for RSA (RFC 4055), with none at all for ECDSA (RFC 5758). */
  readonly identifier: DerNode;
}

/** ECDSA by openssl's name for the curve; the hashes are those that Go chooses. */
const ECDSA: ReadonlyMap<string, Pick<SignatureAlgorithm, 'hash'> & { readonly id: string }> = new Map([
  ['prime256v1', { hash: 'sha256', id: '1.2.840.10045.4.3.2' }],
  ['secp384r1', { hash: 'sha384', id: '1.2.840.10045.4.3.3' }],
  ['secp521r1', { hash: 'sha512', id: '1.2.840.10045.4.3.4' }],
]);
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';

/** @throws {PkiError} for keys that kubeadm would not sign with either */
export function signatureAlgorithm(key: PrivateKey): SignatureAlgorithm {
  if (key.asymmetricKeyType === 'rsa') {
    return {
      hash: 'sha256',
      identifier: sequence(oid(SHA256_WITH_RSA), primitive(TAG.null, new Uint8Array())),
    };
  }
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  const ecdsa = ECDSA.get(curve);
  if (!ecdsa) throw new PkiError(`a key of type ${key.asymmetricKeyType} ${curve} cannot sign certificates`.trim());
  return { hash: ecdsa.hash, identifier: sequence(oid(ecdsa.id)) };
}

/** `SEQUENCE { content, algorithm, signature }`: a certificate or a request, in DER. */
export function signStructure(content: DerNode, key: PrivateKey): Buffer {
  const { hash, identifier } = signatureAlgorithm(key);
  return encodeDer(sequence(content, identifier, bitString(sign(hash, encodeDer(content), key))));
}
