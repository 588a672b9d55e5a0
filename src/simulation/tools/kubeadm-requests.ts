import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KUBECONFIGS, organizationsBy, PAIRS } from '../../kubeadm/table.ts';
import type { Identity } from '../../pki/identity.ts';
import { generateKey, readPrivateKey } from '../../pki/private-key.ts';
import { createCsr } from '../../pki/request.ts';
import { kubeconfigText } from '../kubeconfig-text.ts';
import { splitNames } from '../leaf.ts';
import type { KubeadmConfig } from './kubeadm-config.ts';

export interface RequestPlaces {
  readonly certificates: string;
  readonly kubeconfigs: string;
}

/**
 * `kubeadm certs generate-csr`: keys and requests for all certificates by kubeadm's own rules, and kubeconfigs that have a
 * key and no certificate (cmd/kubeadm/app/cmd/certs.go, runGenCSR). Nothing that exists is replaced.
 */
export async function generateRequests(config: KubeadmConfig, places: RequestPlaces, minor: number): Promise<void> {
  for (const pair of PAIRS) {
    const commonName = pair.commonName === 'node' ? config.nodeName : pair.commonName;
    const { request, key } = await make(config, {
      subject: { commonName, organizations: organizationsBy(pair.name, minor)[0] ?? [] },
      ...splitNames(config.namesFor(pair.names, pair.name === 'etcd-peer')),
    });
    create(join(places.certificates, `${pair.base}.key`), key);
    create(join(places.certificates, `${pair.base}.csr`), request);
  }
  for (const { name, commonName, optional } of KUBECONFIGS) {
    if (optional && minor < 29) continue;
    const organizations = organizationsBy(name, minor)[0] ?? [];
    const { request, key } = await make(config, { subject: { commonName, organizations } });
    const server = `https://${config.endpoint}`;
    const credential = { certificate: '', key };
    create(
      join(places.kubeconfigs, name),
      kubeconfigText({ cluster: 'kubernetes', server, authority: '', user: commonName, credential }),
    );
    create(join(places.kubeconfigs, `${name}.csr`), request);
  }
}

async function make(
  { keyAlgorithm }: KubeadmConfig,
  identity: Identity,
): Promise<{ readonly request: string; readonly key: string }> {
  const { privatePem } = await generateKey(keyAlgorithm);
  const request = createCsr({ ...identity, privateKey: readPrivateKey(privatePem) });
  return { request, key: privatePem.reveal() };
}

function create(path: string, text: string): void {
  if (existsSync(path)) throw new Error(`${path}: key or CSR file already exists`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
}
