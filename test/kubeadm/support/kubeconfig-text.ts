/** An entry of a kubeconfig's users, with its certificate. */
export interface TestUser {
  readonly name: string;
  /** PEM; or the paths of files. */
  readonly certificate: string | { readonly certificateFile: string; readonly keyFile: string };
  /** What stands for the key. */
  readonly key?: string;
}

export interface TestKubeconfig {
  readonly server: string;
  /** PEM of the CA. */
  readonly authority: string;
  readonly users: readonly TestUser[];
  readonly cluster?: string;
}

/** What the fact puts in the place of a secret. */
export const HIDDEN = 'KPLAY_HIDDEN';

/** A kubeconfig as kubeadm writes it; each user has a context of its own, the first one's is the current. */
export function kubeconfigText({ server, authority, users, cluster = 'kubernetes' }: TestKubeconfig): string {
  const contexts = users.map(
    ({ name }) => `- context:\n    cluster: ${cluster}\n    user: ${name}\n  name: ${name}@${cluster}\n`,
  );
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(authority)}
    server: ${server}
  name: ${cluster}
contexts:
${contexts.join('')}current-context: ${users[0]?.name}@${cluster}
kind: Config
preferences: {}
users:
${users.map(userText).join('')}`;
}

function userText({ name, certificate, key }: TestUser): string {
  const lines =
    typeof certificate === 'string'
      ? [
          `client-certificate-data: ${base64(certificate)}`,
          `client-key-data: ${key === undefined ? HIDDEN : base64(key)}`,
        ]
      : [`client-certificate: ${certificate.certificateFile}`, `client-key: ${certificate.keyFile}`];
  return `- name: ${name}\n  user:\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** The text as it leaves the host. */
export function withoutSecrets(text: string): string {
  return text.replace(/^([ -]*(?:client-key-data|token|password)):.*$/gm, `$1: ${HIDDEN}`);
}
