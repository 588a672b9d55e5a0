import { issueAuthority } from '../pki/authority.ts';
import { readCertificates } from '../pki/certificate.ts';
import { generateKey, readPrivateKey } from '../pki/private-key.ts';
import { type Leaf, makeLeaf, type Period, splitNames } from './leaf.ts';

/**
 * A self-signed serving pair, with the CA after the leaf: as kubelet writes it, and as controller-manager and scheduler keep
 * it in memory (client-go util/cert, `GenerateSelfSignedCertKey`). Up to 1.27 all of them have these serial numbers.
 */
export async function makeSelfSigned(name: string, names: readonly string[], period: Period): Promise<Leaf> {
  const stamp = Math.floor(period.notBefore / 1_000);
  const { privatePem } = await generateKey('ECDSA-P256');
  const privateKey = readPrivateKey(privatePem);
  const commonName = `${name}-ca@${stamp}`;
  const authorityPem = issueAuthority({ subject: { commonName }, privateKey, ...period, serial: Uint8Array.of(1) });
  const [certificate] = readCertificates(authorityPem);
  if (!certificate) throw new Error('a self-signed CA was made without a certificate');
  const leaf = await makeLeaf(
    { subject: { commonName: `${name}@${stamp}` }, ...splitNames([name, ...names]), extendedKeyUsages: ['serverAuth'] },
    { certificate, privateKey },
    'ECDSA-P256',
    period,
    Uint8Array.of(2),
  );
  return { certificate: leaf.certificate + authorityPem, key: leaf.key };
}
