import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto';
import { Secret } from '../core/secret.ts';
import { type Certificate, derOf } from './certificate.ts';
import { decodePemBody, encodePem, pemBlocks } from './pem.ts';
import { PkiError } from './pki-error.ts';
import type { KeyAlgorithm } from './public-key.ts';

/** A new key. */
export interface KeyPair {
  /** In kubeadm's format: PKCS#1 for RSA, SEC1 for EC. */
  readonly privatePem: Secret;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
}

/**
 * A private key for signing. Node keeps it outside of JavaScript and never prints it; only an explicit `export` would reveal
 * it.
 */
export type PrivateKey = KeyObject;

const CURVES = { 'ECDSA-P256': 'P-256', 'ECDSA-P384': 'P-384' } as const;
const RSA_BITS = { 'RSA-2048': 2048, 'RSA-3072': 3072, 'RSA-4096': 4096 } as const;

/** Makes a key on another thread: takes 0.2 s for RSA-2048, some seconds for RSA-4096, hardly any time for EC. */
export function generateKey(algorithm: KeyAlgorithm): Promise<KeyPair> {
  return new Promise((resolve, reject) => {
    const take = (error: Error | null, publicKey: KeyObject, privateKey: KeyObject) => {
      if (error) reject(error);
      else resolve({ privatePem: encodePrivateKey(privateKey), publicKey: publicKeyDer(publicKey) });
    };
    if (algorithm === 'ECDSA-P256' || algorithm === 'ECDSA-P384') {
      generateKeyPair('ec', { namedCurve: CURVES[algorithm] }, take);
    } else {
      generateKeyPair('rsa', { modulusLength: RSA_BITS[algorithm] }, take);
    }
  });
}

/**
 * The first private key of a PEM text: PKCS#1, SEC1 (also after an EC PARAMETERS block) or PKCS#8, the forms that kubeadm
 * reads (client-go util/keyutil). Only for keys of authorities.
 * @throws {PkiError} if there is none, or it is encrypted, damaged, or neither RSA nor EC. No error contains any part of the
 * key.
 */
export function readPrivateKey(pem: Secret): PrivateKey {
  const [block] = pemBlocks(pem.reveal(), (label) => label.endsWith('PRIVATE KEY'));
  if (!block) throw new PkiError('there is no PEM private key in it');
  if (block.label.startsWith('ENCRYPTED') || /^\s*Proc-Type:.*ENCRYPTED/.test(block.body)) {
    throw new PkiError(
      'its private key is encrypted',
      'decrypt it first, into a file: (umask 077; openssl pkey -in FILE -out NEW)',
    );
  }
  const type = FORMS.get(block.label);
  if (!type) throw new PkiError(`its key is a ${block.label}, which kubeadm does not read`);
  const key = parse(decodePemBody(block), type);
  if (!key) throw new PkiError('its private key is damaged');
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec') {
    throw new PkiError(`its key is of type ${key.asymmetricKeyType}, but kubeadm only supports RSA and EC`);
  }
  return key;
}

/** Whether the certificate is for this key. */
export function keyMatches(certificate: Certificate, privateKey: PrivateKey): boolean {
  try {
    return new X509Certificate(derOf(certificate)).checkPrivateKey(privateKey);
  } catch {
    // A certificate with a key unknown to openssl.
    return false;
  }
}

/** The SubjectPublicKeyInfo, in DER, of a private key. */
export function publicHalfOf(privateKey: PrivateKey): Uint8Array {
  return publicKeyDer(createPublicKey(privateKey));
}

const FORMS = new Map<string, 'pkcs1' | 'sec1' | 'pkcs8'>([
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['EC PRIVATE KEY', 'sec1'],
  ['PRIVATE KEY', 'pkcs8'],
]);

function parse(der: Buffer, type: 'pkcs1' | 'sec1' | 'pkcs8'): PrivateKey | undefined {
  try {
    return createPrivateKey({ key: der, format: 'der', type });
  } catch {
    return undefined;
  }
}

function encodePrivateKey(key: PrivateKey): Secret {
  return key.asymmetricKeyType === 'ec'
    ? new Secret(encodePem('EC PRIVATE KEY', key.export({ type: 'sec1', format: 'der' })))
    : new Secret(encodePem('RSA PRIVATE KEY', key.export({ type: 'pkcs1', format: 'der' })));
}

function publicKeyDer(key: KeyObject): Uint8Array {
  return key.export({ type: 'spki', format: 'der' });
}
