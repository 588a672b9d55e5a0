import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { DAY_MS } from '../core/duration.ts';
import type { AuthorityName } from '../kubeadm/table.ts';
import { issueAuthority } from '../pki/authority.ts';
import { readCertificates } from '../pki/certificate.ts';
import type { Authority } from '../pki/issue.ts';
import { generateKey, readPrivateKey } from '../pki/private-key.ts';
import type { KeyAlgorithm } from '../pki/public-key.ts';

/** A CA that can sign, with its files. */
export interface SigningAuthority extends Authority {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** What the masters of a cluster have in common. */
export interface ClusterAuthorities {
  readonly of: Readonly<Record<AuthorityName, SigningAuthority>>;
  /** The key that signs service account tokens, in PEM. */
  readonly serviceAccount: { readonly key: string; readonly publicKey: string };
}

export interface AuthorityTerms {
  readonly keyAlgorithm: KeyAlgorithm;
  readonly now: Date;
  /** From now; negative for expired CAs. */
  readonly daysLeft: number;
}

/** kubeadm's common names (certlist.go). */
const COMMON_NAMES: Readonly<Record<AuthorityName, string>> = {
  ca: 'kubernetes',
  'etcd-ca': 'etcd-ca',
  'front-proxy-ca': 'front-proxy-ca',
};
const AGE_MS = 1_000 * DAY_MS;

/** The CAs of one kubeadm cluster, some years old. */
export async function makeAuthorities(terms: AuthorityTerms): Promise<ClusterAuthorities> {
  const [ca, etcd, frontProxy] = await Promise.all([
    makeAuthority(COMMON_NAMES.ca, terms),
    makeAuthority(COMMON_NAMES['etcd-ca'], terms),
    makeAuthority(COMMON_NAMES['front-proxy-ca'], terms),
  ]);
  return { of: { ca, 'etcd-ca': etcd, 'front-proxy-ca': frontProxy }, serviceAccount: makeServiceAccountPair() };
}

/** Another CA of the same name, as after a second `kubeadm init`. */
export function makeForeignAuthority(name: AuthorityName, terms: AuthorityTerms): Promise<SigningAuthority> {
  return makeAuthority(COMMON_NAMES[name], terms);
}

async function makeAuthority(
  commonName: string,
  { keyAlgorithm, now, daysLeft }: AuthorityTerms,
): Promise<SigningAuthority> {
  const { privatePem } = await generateKey(keyAlgorithm);
  const privateKey = readPrivateKey(privatePem);
  const certificatePem = issueAuthority({
    subject: { commonName },
    dnsNames: [commonName],
    privateKey,
    notBefore: now.getTime() - AGE_MS,
    notAfter: now.getTime() + daysLeft * DAY_MS,
    serial: randomBytes(8),
  });
  const [certificate] = readCertificates(certificatePem);
  if (!certificate) throw new Error('a CA was made without a certificate');
  return { certificate, privateKey, certificatePem, keyPem: privatePem.reveal() };
}

function makeServiceAccountPair(): ClusterAuthorities['serviceAccount'] {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    key: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
