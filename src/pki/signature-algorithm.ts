import { contents, contextTag, DerFields, type DerNode, elements, readOid, TAG } from './der.ts';

/** Those that Go's crypto/x509 verifies. */
const VERIFIED = new Set([
  // RSA with SHA-256, SHA-384, SHA-512
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  // ECDSA with SHA-256, SHA-384, SHA-512
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  // Ed25519
  '1.3.101.112',
]);

const OTHERS = new Map([
  ['1.2.840.113549.1.1.4', 'MD5'],
  ['1.2.840.113549.1.1.5', 'SHA-1'],
  ['1.3.14.3.2.29', 'SHA-1'],
  ['1.2.840.10045.4.1', 'SHA-1'],
  ['1.2.840.113549.1.1.14', 'SHA-224'],
  ['1.2.840.10045.4.3.1', 'SHA-224'],
  ['1.2.840.10040.4.3', 'DSA'],
  ['2.16.840.1.101.3.4.3.2', 'DSA'],
  ['1.3.101.113', 'Ed448'],
]);

const RSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
/** Octets of a hash, as long as which the salt has to be. */
const PSS_HASHES = new Map([
  ['2.16.840.1.101.3.4.2.1', 32],
  ['2.16.840.1.101.3.4.2.2', 48],
  ['2.16.840.1.101.3.4.2.3', 64],
]);

const WHAT = 'its signature algorithm';

/**
 * How a certificate is signed if Go's crypto/x509, and so Kubernetes, does not verify such a signature: `SHA-1`, `MD5`, `DSA`; the object
 * identifier of an unknown algorithm. Undefined for the others. Go has rejected SHA-1 only since 1.18.
 * @param identifier an AlgorithmIdentifier
 */
export function unverifiedAlgorithm(identifier: DerNode): string | undefined {
  const fields = new DerFields(identifier, TAG.sequence, WHAT);
  const id = readOid(fields.take(TAG.oid), WHAT);
  if (VERIFIED.has(id)) return undefined;
  if (id !== RSA_PSS) return OTHERS.get(id) ?? id;
  const parameters = fields.takeIf(TAG.sequence);
  return parameters && isVerifiedPss(parameters) ? undefined : 'RSA-PSS with an unusual hash or salt';
}

/** Go takes RSA-PSS only with one hash for everything, and a salt of its length (`getSignatureAlgorithmFromAI`). */
function isVerifiedPss(parameters: DerNode): boolean {
  const fields = new DerFields(parameters, TAG.sequence, WHAT);
  const [hash, mask, salt] = [0, 1, 2].map((number) => explicit(fields, number));
  if (!hash || !mask || !salt) return false;
  const [hashId] = algorithm(hash);
  const [maskId, maskHash] = algorithm(mask);
  const [length, ...more] = contents(salt, TAG.integer, WHAT);
  const isOneHash = maskId === MGF1 && maskHash !== undefined && algorithm(maskHash)[0] === hashId;
  return isOneHash && length !== undefined && more.length === 0 && PSS_HASHES.get(hashId) === length;
}

function explicit(fields: DerFields, number: number): DerNode | undefined {
  const tag = contextTag(number, 'constructed');
  const node = fields.takeIf(tag);
  return node && elements(node, tag, WHAT)[0];
}

function algorithm(node: DerNode): readonly [id: string, parameters: DerNode | undefined] {
  const fields = new DerFields(node, TAG.sequence, WHAT);
  return [readOid(fields.take(TAG.oid), WHAT), fields.peek()];
}
