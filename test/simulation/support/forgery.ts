import { randomBytes } from 'node:crypto';
import { issueAuthority } from '../../../src/pki/authority.ts';
import { readCertificates } from '../../../src/pki/certificate.ts';
import type { Identity } from '../../../src/pki/identity.ts';
import { type Authority, issueCertificate } from '../../../src/pki/issue.ts';
import { generateKey, readPrivateKey } from '../../../src/pki/private-key.ts';

const DAY_MS = 86_400_000;

/** A certificate that somebody has made for himself, and its key. */
export interface Forged {
  readonly certificate: string;
  readonly key: string;
}

/** Signed by an authority of the same somebody's unless another is given. */
export async function forged(identity: Identity, signer?: Authority): Promise<Forged> {
  const period = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + 100 * DAY_MS };
  const { publicKey, privatePem } = await generateKey('ECDSA-P256');
  const certificate = issueCertificate({
    ...identity,
    ...period,
    publicKey,
    serial: randomBytes(8),
    authority: signer ?? (await forgedAuthority('kubernetes')),
  });
  return { certificate, key: privatePem.reveal() };
}

/** An authority that anybody can make, whatever it is called. */
export async function forgedAuthority(commonName: string): Promise<Authority> {
  const privateKey = readPrivateKey((await generateKey('ECDSA-P256')).privatePem);
  const period = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + 200 * DAY_MS };
  const [certificate] = readCertificates(
    issueAuthority({ subject: { commonName }, privateKey, ...period, serial: randomBytes(8) }),
  );
  if (!certificate) throw new Error('no authority was made');
  return { certificate, privateKey };
}
