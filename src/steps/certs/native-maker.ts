import { randomBytes } from 'node:crypto';
import { Secret } from '../../core/secret.ts';
import { joinScripts, sh } from '../../core/shell.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import type { LeafOrder } from '../../kubeadm/certificates/leaf-order.ts';
import type { Authority, KubeadmHost } from '../../kubeadm/host/model.ts';
import { copyOf } from '../../pki/identity.ts';
import { issueCertificate, type LeafRequest } from '../../pki/issue.ts';
import { PkiError } from '../../pki/pki-error.ts';
import { generateKey, keyMatches, type PrivateKey, readPrivateKey } from '../../pki/private-key.ts';
import { certificateIn, keyIn, openStage, type StagingArea, stageFile } from '../placing/staging.ts';

/** kubeadm backdates its certificates by this, for clocks that are behind (kubernetes/kubernetes#118922). */
const BACKDATE_MS = 5 * 60_000;
const SERIAL_BYTES = 16;

/**
 * Signs leaves in this process: needs nothing on the host but the CA key, which is read into memory, used, and forgotten. The
 * only place that reads a CA key, and only if the user chose it.
 */
export async function makeNatively(area: StagingArea, orders: readonly LeafOrder[]): Promise<void> {
  const { context, host } = area;
  const keys = await readAuthorityKeys(context, host, orders);
  const made = await Promise.all(
    orders.map(async (order) => {
      const authority = host.authorities.find(({ name }) => name === order.credential.authority);
      const privateKey = keys.get(order.credential.authority);
      if (!authority?.certificate || !privateKey)
        throw new StepFailure('ca-key-unusable', `the key of ${order.credential.authority} could not be read`);
      const { privatePem, publicKey } = await generateKey(order.keyAlgorithm);
      const certificate = signed(order, {
        publicKey,
        notBefore: Math.max(context.now().getTime() - BACKDATE_MS, authority.certificate.notBefore),
        notAfter: order.notAfter,
        serial: randomBytes(SERIAL_BYTES),
        authority: { certificate: authority.certificate, privateKey },
      });
      return { name: order.credential.name, certificate, privatePem };
    }),
  );
  const writes = made.flatMap(({ name, certificate, privatePem }) => [
    stageFile(certificateIn(name), certificate),
    stageFile(keyIn(name), privatePem),
  ]);
  await context.run(sh`set -eu
${openStage(area.directory)}
${joinScripts(writes)}
`);
}

/** The new certificate, in PEM: a copy of its pattern with the names that are added to it, or by kubeadm's rule. */
function signed(
  { credential, identity, pattern }: LeafOrder,
  terms: Pick<LeafRequest, 'publicKey' | 'notBefore' | 'notAfter' | 'serial' | 'authority'>,
): string {
  try {
    const copied = pattern
      ? copyOf(pattern, { ...identity, extendedKeyUsages: identity.usages })
      : {
          subject: { commonName: identity.commonName, organizations: identity.organizations },
          dnsNames: identity.dnsNames,
          ipAddresses: identity.ipAddresses,
          extendedKeyUsages: identity.usages,
        };
    return issueCertificate({ ...copied, ...terms });
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new StepFailure(
      'new-certificate-wrong',
      `the new ${credential.name} cannot be signed: ${error.message}`,
      error.remedy === undefined ? {} : { remedy: error.remedy },
    );
  }
}

async function readAuthorityKeys(
  context: WriteContext,
  host: KubeadmHost,
  orders: readonly LeafOrder[],
): Promise<ReadonlyMap<string, PrivateKey>> {
  const names = new Set(orders.map(({ credential }) => credential.authority));
  const keys = new Map<string, PrivateKey>();
  for (const authority of host.authorities.filter(({ name }) => names.has(name))) {
    keys.set(authority.name, await readAuthorityKey(context, authority));
  }
  return keys;
}

async function readAuthorityKey(context: WriteContext, { name, keyPath, certificate }: Authority): Promise<PrivateKey> {
  const { stdout } = await context.run(sh`cat "$R"${keyPath}`, { secretOutput: true });
  try {
    const key = readPrivateKey(new Secret(stdout));
    if (certificate && keyMatches(certificate, key)) return key;
  } catch (error) {
    throw new StepFailure(
      'ca-key-unusable',
      `${keyPath} cannot be used: ${error instanceof Error ? error.message : error}`,
    );
  }
  throw new StepFailure('ca-key-mismatch', `${keyPath} is not the key of ${name}`);
}
