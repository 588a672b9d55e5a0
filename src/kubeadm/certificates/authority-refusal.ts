import { baseName, directoryOf } from '../../core/host-path.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { lackForSigning } from '../../pki/chain.ts';
import { isoDate } from '../../pki/time.ts';
import { validityAt } from '../../pki/verify.ts';
import type { Authority } from '../host/model.ts';
import { type DueRule, hasBegun } from './due.ts';

/** Whether a CA has no file for its key here. A file without a key in it is damaged. */
export function isKeyElsewhere({ key, keyPath, files }: Authority): boolean {
  return key === 'absent' && !files.some(({ path }) => path === keyPath);
}

/** What to do about a CA that is not valid yet. */
export const CLOCK_REMEDY =
  'the clock was ahead when the CA was made, or is behind now: correct this one, and otherwise wait until then; nothing that it signs is accepted before';

/** From when on a CA that is not valid yet is, in a clause. */
export function beginText({ name }: Pick<Authority, 'name'>, { notBefore }: Certificate): string {
  return `${name} itself is valid only from ${new Date(notBefore).toISOString()}`;
}

/** Why a CA may not sign, in a clause; undefined if it may. A copy made with openssl x509 -req has no extensions. */
export function unfitText({ certificatePath }: Authority, certificate: Certificate): string | undefined {
  const lack = lackForSigning(certificate);
  return lack && `${certificatePath} lacks ${lack}, without which it is no certificate of a CA`;
}

/** What to do about a CA that may not sign. */
export function unfitRemedy({ certificatePath, keyPath }: Authority): string {
  return `make it again with its name and key, so that what it has signed stays good: openssl x509 -in ${certificatePath} -signkey ${keyPath} -days 3650 -extfile EXTENSIONS -out NEW, with the lines basicConstraints=critical,CA:TRUE and keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign and subjectKeyIdentifier=hash in EXTENSIONS; put NEW in its place on every host, and in the kubeconfigs that have the old one`;
}

/** What to do about a CA whose certificate is not there. */
export function restoreRemedy({ name }: Pick<Authority, 'name'>): string {
  return `restore ${name} from a backup of this host, or from a master with the same sa.pub; kplay never makes a CA`;
}

/** Why nothing can be signed with a CA of a host; undefined if it can. */
export function authorityRefusal(authority: Authority, time: Pick<DueRule, 'now' | 'seenAt'>): RefusePlan | undefined {
  const { name, certificate, certificatePath, keyPath, key, keyOfLater } = authority;
  if (!certificate) {
    return {
      action: 'refuse',
      code: 'ca-missing',
      reason: `${certificatePath} is missing or unreadable`,
      remedy: restoreRemedy(authority),
    };
  }
  if (!hasBegun(certificate, time)) {
    return {
      action: 'refuse',
      code: 'ca-not-yet-valid',
      reason: beginText(authority, certificate),
      remedy: CLOCK_REMEDY,
    };
  }
  if (validityAt(certificate, time.now.getTime()) === 'expired') {
    return {
      action: 'refuse',
      code: 'ca-expired',
      reason: `${name} itself expired ${isoDate(certificate.notAfter)}`,
      remedy:
        'nothing signed by it would be valid: the CA has to be replaced by hand (kubernetes.io: manual rotation of CA certificates)',
    };
  }
  if (key === 'absent' && !isKeyElsewhere(authority)) {
    return {
      action: 'refuse',
      code: 'ca-key-unusable',
      reason: `${keyPath} contains no private key that kubeadm would find: it is empty, cut off, or has something before BEGIN on that line`,
      remedy: `restore it from a backup of this host, or copy it from a master whose ${baseName(certificatePath)} is the same (owner root, mode 600)`,
    };
  }
  if (key === 'absent') {
    return {
      action: 'refuse',
      code: 'ca-external',
      reason: `${keyPath} is not on this host: the CA is external`,
      remedy:
        'copy the key to that path from a master that has it (owner root, mode 600), or have the certificates signed where it is kept: kplay certs csr, with the same -i and -l, writes the requests',
    };
  }
  if (key === 'encrypted') {
    return {
      action: 'refuse',
      code: 'ca-key-unusable',
      reason: `${keyPath} is encrypted: neither kubeadm nor kplay can sign with it`,
      remedy: `decrypt it (on the host: cd ${directoryOf(keyPath)} && (umask 077; openssl pkey -in ${baseName(keyPath)} -out plain.key) && mv plain.key ${baseName(keyPath)}), or have the certificates signed where that is done: kplay certs csr, with the same -i and -l, writes the requests`,
    };
  }
  if (keyOfLater) {
    return {
      action: 'refuse',
      code: 'ca-key-mismatch',
      reason: `${keyPath} is the key of another CA in ${certificatePath} than the first, and kubeadm signs in the name of the first`,
      remedy: `while a CA is replaced, ${baseName(certificatePath)} begins with the one whose key is there, on every master: put that first, once everything trusts both (kplay check shows what each kubeconfig trusts); then run again`,
    };
  }
  if (key === 'mismatch') {
    return {
      action: 'refuse',
      code: 'ca-key-mismatch',
      reason: `${keyPath} is not the key of ${certificatePath}`,
      remedy: `restore the pair from a backup of this host, or from a master whose ${baseName(certificatePath)} is the same`,
    };
  }
  const unfit = unfitText(authority, certificate);
  return unfit === undefined
    ? undefined
    : { action: 'refuse', code: 'ca-unfit', reason: unfit, remedy: unfitRemedy(authority) };
}
