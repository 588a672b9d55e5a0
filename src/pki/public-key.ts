import { contents, DerFields, type DerNode, decodeDer, readOid, TAG, tagOf, wholeBitString } from './der.ts';

/** The key algorithms of kubeadm's `encryptionAlgorithm`, named as there (v1beta4; ECDSA-P384 from 1.34). */
export const KEY_ALGORITHMS = ['RSA-2048', 'RSA-3072', 'RSA-4096', 'ECDSA-P256', 'ECDSA-P384'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** Whether the text of a certificate's `key` names an algorithm for which kubeadm can make keys. */
export function isKeyAlgorithm(text: string): text is KeyAlgorithm {
  return KEY_ALGORITHMS.some((algorithm) => algorithm === text);
}

/** Whether Go, and so Kubernetes, can serve or log in with a key that is named so: not with those on other curves, Ed448 or RSA-PSS. */
export function isUsableKey(text: string): boolean {
  return /^(RSA-\d+|ECDSA-P(224|256|384|521)|Ed25519)$/.test(text);
}

/** The contents of a SubjectPublicKeyInfo. */
export interface PublicKeyInfo {
  /** `RSA-2048`, `ECDSA-P256`, `Ed25519`; the dotted object identifier of an unknown algorithm. */
  readonly algorithm: string;
  readonly family: 'rsa' | 'ec' | 'other';
  /** The octets that identify this key: RSA's modulus (as in an INTEGER, with its sign octet), EC's point, else the whole key. */
  readonly value: Buffer;
}

const RSA = '1.2.840.113549.1.1.1';
const RSA_PSS = '1.2.840.113549.1.1.10';
const EC = '1.2.840.10045.2.1';
const CURVES = new Map([
  ['1.3.132.0.33', 'P224'],
  ['1.2.840.10045.3.1.7', 'P256'],
  ['1.3.132.0.34', 'P384'],
  ['1.3.132.0.35', 'P521'],
]);
const OTHERS = new Map([
  ['1.3.101.110', 'X25519'],
  ['1.3.101.111', 'X448'],
  ['1.3.101.112', 'Ed25519'],
  ['1.3.101.113', 'Ed448'],
  ['1.2.840.10040.4.1', 'DSA'],
]);

export function readPublicKeyInfo(node: DerNode): PublicKeyInfo {
  const what = 'its public key';
  const info = new DerFields(node, TAG.sequence, what);
  const identifier = new DerFields(info.take(TAG.sequence), TAG.sequence, what);
  const algorithm = readOid(identifier.take(TAG.oid), what);
  const parameters = identifier.peek();
  const key = wholeBitString(info.take(TAG.bitString), what);
  info.end();
  switch (algorithm) {
    case RSA:
      return rsa(key, 'RSA');
    case RSA_PSS:
      return rsa(key, 'RSA-PSS');
    case EC:
      return { algorithm: `ECDSA-${curveName(parameters)}`, family: 'ec', value: key };
    default:
      return { algorithm: OTHERS.get(algorithm) ?? algorithm, family: 'other', value: key };
  }
}

function rsa(key: Buffer, name: string): PublicKeyInfo {
  const what = 'its RSA key';
  const numbers = new DerFields(decodeDer(key, what), TAG.sequence, what);
  const modulus = contents(numbers.take(TAG.integer), TAG.integer, what);
  numbers.take(TAG.integer);
  numbers.end();
  return { algorithm: `${name}-${bitLength(modulus)}`, family: 'rsa', value: modulus };
}

function curveName(parameters: DerNode | undefined): string {
  // Explicit parameters, which are deprecated, are a SEQUENCE.
  if (!parameters || tagOf(parameters) !== TAG.oid) return 'unnamed';
  const curve = readOid(parameters, 'its curve');
  return CURVES.get(curve) ?? curve;
}

function bitLength(integer: Buffer): number {
  const first = integer.findIndex((octet) => octet !== 0);
  if (first < 0) return 0;
  return (integer.length - first) * 8 - (Math.clz32(integer[first] ?? 0) - 24);
}
