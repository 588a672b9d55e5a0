import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CredentialName, KUBECONFIGS, PAIRS } from '../../../src/kubeadm/table.ts';

/** Every leaf that kubeadm knows by name. */
export const LEAF_NAMES: readonly CredentialName[] = [...PAIRS, ...KUBECONFIGS].map(({ name }) => name);

const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';

/** Where kubeadm's documentation says that a leaf is, the certificate first. */
export function pathsOf(name: CredentialName): readonly string[] {
  const base = PAIRS.find((pair) => pair.name === name)?.base;
  if (base !== undefined) return [`/etc/kubernetes/pki/${base}.crt`, `/etc/kubernetes/pki/${base}.key`];
  if (name === 'kubelet-client') return [CURRENT];
  return [`/etc/kubernetes/${name}`];
}

/** CAs and the key of service accounts: what nobody may write. */
export const AUTHORITY_PATHS: readonly string[] = [
  ...['ca', 'etcd/ca', 'front-proxy-ca'].flatMap((base) => [`${base}.crt`, `${base}.key`]),
  'sa.key',
  'sa.pub',
].map((path) => `/etc/kubernetes/pki/${path}`);

export function authorityPathOf(name: CredentialName): string {
  const authority = PAIRS.find((pair) => pair.name === name)?.authority ?? 'ca';
  return `/etc/kubernetes/pki/${authority === 'etcd-ca' ? 'etcd/ca' : authority}.crt`;
}

/** A leaf as node reads it, below a directory of its host; undefined when there is none that can be read. */
export function readLeaf(root: string, name: CredentialName, below = ''): X509Certificate | undefined {
  return parse(certificateText(join(root, below), name));
}

export function certificateAt(root: string, path: string): X509Certificate | undefined {
  return parse(readText(root, path));
}

/** The key of a leaf, in PEM. */
export function keyText(root: string, name: CredentialName): string {
  const [certificate = '', key = certificate] = pathsOf(name);
  const text = readText(root, key);
  return key.endsWith('.conf')
    ? embedded(text, 'client-key-data')
    : text.slice(text.search(/-----BEGIN [A-Z ]*PRIVATE/));
}

function certificateText(root: string, name: CredentialName): string {
  const [path = ''] = pathsOf(name);
  if (name === 'kubelet-client' && !existsSync(join(root, path))) {
    return embedded(readText(root, '/etc/kubernetes/kubelet.conf'), 'client-certificate-data');
  }
  const text = readText(root, path);
  return path.endsWith('.conf') ? embedded(text, 'client-certificate-data') : text;
}

/** What a line of a kubeconfig holds in base64. */
function embedded(kubeconfig: string, key: string): string {
  const [, data = ''] = new RegExp(`${key}: *(\\S+)`).exec(kubeconfig) ?? [];
  return Buffer.from(data, 'base64').toString('utf8');
}

function readText(root: string, path: string): string {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
