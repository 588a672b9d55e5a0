import { stringify } from 'yaml';
import type { JsonObject } from '../core/json.ts';
import type { Leaf } from './leaf.ts';

/** A cluster, a user, and the context that connects them. */
export interface KubeconfigEntry {
  readonly cluster: string;
  /** `https://10.20.0.11:6443` */
  readonly server: string;
  /** PEM of the CA that signs the server's certificate; omitted if it is added elsewhere. */
  readonly authority?: string;
  readonly user: string;
  readonly credential: Leaf | { readonly key: string } | { readonly file: string } | { readonly token: string };
}

/** The text of a kubeconfig in kubeadm's format; the first entry is the current one. */
export function kubeconfigText(...entries: readonly KubeconfigEntry[]): string {
  return stringify(kubeconfig(entries), { lineWidth: 0, indentSeq: false });
}

/** The same in JSON on a single line. */
export function kubeconfigJson(...entries: readonly KubeconfigEntry[]): string {
  return `${JSON.stringify(kubeconfig(entries))}\n`;
}

/** The same with lists in YAML's flow style, where no value has its own line. */
export function kubeconfigFlow(...entries: readonly KubeconfigEntry[]): string {
  return Object.entries(kubeconfig(entries))
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
}

function kubeconfig(entries: readonly KubeconfigEntry[]): JsonObject {
  const [first] = entries;
  return {
    apiVersion: 'v1',
    clusters: entries.map(({ cluster, server, authority }) => ({
      cluster: { ...(authority !== undefined && { 'certificate-authority-data': base64(authority) }), server },
      name: cluster,
    })),
    contexts: entries.map(({ cluster, user }) => ({ context: { cluster, user }, name: `${user}@${cluster}` })),
    'current-context': first ? `${first.user}@${first.cluster}` : '',
    kind: 'Config',
    preferences: {},
    users: entries.map(({ user, credential }) => ({ name: user, user: userFields(credential) })),
  };
}

function userFields(credential: KubeconfigEntry['credential']): JsonObject {
  if ('token' in credential) return { token: credential.token };
  if ('file' in credential) return { 'client-certificate': credential.file, 'client-key': credential.file };
  const key = { 'client-key-data': base64(credential.key) };
  return 'certificate' in credential ? { 'client-certificate-data': base64(credential.certificate), ...key } : key;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
