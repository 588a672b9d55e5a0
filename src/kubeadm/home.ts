import type { Certificate } from '../pki/certificate.ts';
import { assess, type DueRule } from './due.ts';
import { leafOf } from './interpret.ts';
import type { KubeconfigUser, ReadKubeconfig } from './kubeconfig.ts';
import type { Credential, FileState, KubeadmHost } from './model.ts';

/** The `~/.kube/config` of a user of the host. */
export interface HomeKubeconfig {
  readonly user: string;
  readonly path: string;
  readonly file: FileState;
  /** Undefined when it is not a kubeconfig that can be understood. */
  readonly read: ReadKubeconfig | undefined;
}

/** An entry of a user's kubeconfig that is a copy of one of the host's own. */
export interface HomeEntry {
  readonly home: HomeKubeconfig;
  readonly entry: KubeconfigUser;
  readonly source: Credential;
}

const ADMINISTRATORS = ['admin.conf', 'super-admin.conf'] as const;

/** The entries of a user's kubeconfig that were copied from this host's admin.conf or super-admin.conf: same CA, same subject. */
export function homeEntries(host: KubeadmHost, home: HomeKubeconfig): readonly HomeEntry[] {
  const authority = host.authorities.find(({ name }) => name === 'ca')?.certificate;
  if (!authority) return [];
  return (home.read?.users ?? []).flatMap((entry): readonly HomeEntry[] => {
    const certificate = leafOf(entry.holding);
    if (!certificate || !entry.authorityFingerprints.includes(authority.fingerprint)) return [];
    const source = ADMINISTRATORS.map((name) => host.credentials.find((credential) => credential.name === name)).find(
      (credential) => credential && commonNameOf(credential) === certificate.subject.commonName,
    );
    return source ? [{ home, entry, source }] : [];
  });
}

/** The copy is due by the same rule as its original, and the original is, or will be, another certificate. */
export function homeEntryIsDue({ entry, source }: HomeEntry, rule: DueRule): boolean {
  const copied = leafOf(entry.holding);
  if (!copied) return false;
  const current = leafOf(source.holding);
  const isNewer =
    source.holding.state === 'planned' || (current !== undefined && current.fingerprint !== copied.fingerprint);
  if (!isNewer) return false;
  return rule.renewBefore.all || assess(asCredential(copied, source), rule).due;
}

/** The copied certificate, judged as if it were the original's. */
function asCredential(certificate: Certificate, source: Credential): Credential {
  return { ...source, holding: { state: 'present', certificate, chain: [] }, key: 'match', signedByAuthority: true };
}

function commonNameOf(credential: Credential): string {
  const certificate = leafOf(credential.holding) ?? leafOf(credential.aside?.holding);
  return (
    certificate?.subject.commonName ??
    (credential.name === 'super-admin.conf' ? 'kubernetes-super-admin' : 'kubernetes-admin')
  );
}
