import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PAIRS } from '../../kubeadm/table.ts';
import type { Version } from '../../kubeadm/version.ts';
import type { Identity } from '../../pki/identity.ts';
import { generateKey, readPrivateKey } from '../../pki/private-key.ts';
import { createCsr } from '../../pki/request.ts';
import { kubeconfigText } from '../kubeconfig-text.ts';
import type { KubeadmConfig } from './kubeadm-config.ts';
import { kubeconfigUsers, pairIdentity } from './kubeadm-identity.ts';

export interface RequestPlaces {
  readonly certificates: string;
  readonly kubeconfigs: string;
}

/**
 * `kubeadm certs generate-csr`: keys and requests for all certificates by kubeadm's own rules, and kubeconfigs with a key but
 * without CA and certificate (cmd/kubeadm/app/cmd/certs.go, runGenCSR). Never replaces existing files.
 * @returns its output
 */
export async function generateRequests(
  config: KubeadmConfig,
  places: RequestPlaces,
  version: Version,
): Promise<string> {
  for (const pair of PAIRS) {
    const { extendedKeyUsages: _, ...identity } = pairIdentity(pair, config, version);
    const { request, key } = await make(config, identity);
    const path = join(places.certificates, pair.base);
    refuseExisting(path, ['.key', '.csr']);
    create(`${path}.key`, key);
    create(`${path}.csr`, request);
  }
  const users = kubeconfigUsers(config, version);
  for (const { name, commonName, organizations, endpoint } of users) {
    const { request, key } = await make(config, { subject: { commonName, organizations } });
    const path = join(places.kubeconfigs, name);
    refuseExisting(path, ['', '.csr']);
    create(
      path,
      kubeconfigText({ cluster: 'kubernetes', server: `https://${endpoint}`, user: commonName, credential: { key } }),
    );
    create(`${path}.csr`, request);
  }
  const listing = (directory: string, names: readonly string[]): string =>
    [`generating keys and CSRs in ${directory}`, ...names.map((name) => `  ${name}`), ''].join('\n');
  return (
    listing(
      places.certificates,
      PAIRS.map(({ base }) => base),
    ) +
    listing(
      places.kubeconfigs,
      users.map(({ name }) => name),
    )
  );
}

async function make(
  { keyAlgorithm }: KubeadmConfig,
  identity: Identity,
): Promise<{ readonly request: string; readonly key: string }> {
  const { privatePem } = await generateKey(keyAlgorithm);
  const request = createCsr({ ...identity, privateKey: readPrivateKey(privatePem) });
  return { request, key: privatePem.reveal() };
}

function refuseExisting(path: string, endings: readonly string[]): void {
  if (endings.some((ending) => existsSync(`${path}${ending}`)))
    throw new RequestExists(`file already exists: key or CSR ${path}`);
}

/** kubeadm prints its first line before it finds out. */
export class RequestExists extends Error {
  override readonly name = 'RequestExists';
}

function create(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
}
