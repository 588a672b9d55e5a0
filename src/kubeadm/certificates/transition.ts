import { linkedPath } from '../../core/host-path.ts';
import type { Certificate } from '../../pki/certificate.ts';
import type { SavedLeaf } from '../backup-manifest.ts';
import { keyState, signedBy } from '../host/credential-state.ts';
import { leafOf } from '../host/interpret.ts';
import { isCutOff, KUBELET_KUBECONFIG } from '../host/kubelet-files.ts';
import type { Credential, FileState, KubeadmHost, ServerNames } from '../host/model.ts';
import { asidePath } from '../host/raw-files.ts';
import { type CredentialName, KUBECONFIGS, KUBERNETES_DIRECTORY } from '../table.ts';

/**
 * How steps change a host, as functions from the host before to the host after. Plans are built from these; tests compare them
 * with what apply leaves on real files.
 */

/** The host after certificates were moved aside. */
export function movedAside(host: KubeadmHost, names: ReadonlySet<CredentialName>): KubeadmHost {
  return mapCredentials(host, (credential) =>
    names.has(credential.name) && credential.files.length > 0
      ? {
          ...omit(credential, ...SIGNER),
          holding: { state: 'absent' },
          key: 'absent',
          files: [],
          aside: {
            holding: credential.holding,
            files: credential.files.map((file) => ({
              ...file,
              path: asidePath(file.path),
              ...(file.link !== undefined && { link: linkedPath(file.path, file.link) }),
            })),
            ...(credential.signedByAuthority !== undefined && { signedByAuthority: credential.signedByAuthority }),
          },
        }
      : credential,
  );
}

/**
 * The host after files were restored from a backup, and whatever was moved aside is gone; undefined if they include one that
 * affects more than a leaf: a manifest, kubelet.conf, a kubeconfig that does not exist now.
 */
export function filesRestored(
  host: KubeadmHost,
  files: ReadonlyMap<string, FileState>,
  leaves: ReadonlyMap<string, SavedLeaf>,
): KubeadmHost | undefined {
  const own = new Set(host.credentials.flatMap(({ certificatePath, keyPath }) => [certificatePath, keyPath]));
  const optional = KUBECONFIGS.map(({ name }) => `${KUBERNETES_DIRECTORY}/${name}`).filter((path) => !own.has(path));
  const significant = new Set([KUBELET_KUBECONFIG, ...optional]);
  if (host.kubelet.aside) return undefined;
  if ([...files.keys()].some((path) => significant.has(path) || path.startsWith(`${host.manifestsDirectory}/`)))
    return undefined;
  return mapCredentials(unparked(host), (credential) => {
    const { certificatePath, keyPath } = credential;
    const settled = omit(credential, 'aside');
    if (!files.has(certificatePath) && !files.has(keyPath)) return settled;
    const holding = files.has(certificatePath)
      ? (leaves.get(certificatePath)?.holding ?? { state: 'absent' as const })
      : credential.holding;
    return {
      ...omit(settled, ...SIGNER),
      holding,
      key: files.has(keyPath) ? keyState(leaves.get(keyPath)?.publicHalf, leafOf(holding)) : 'unknown',
      files: [...new Set([certificatePath, keyPath])].flatMap(
        (path) => files.get(path) ?? credential.files.filter((file) => file.path === path),
      ),
      ...signedBy(host.authorities, credential.authority, holding, credential.name),
    };
  });
}

/** What a plan knows of a new leaf besides its end: its names, and what follows it in its file. */
export interface PlannedLeaf extends ServerNames {
  readonly chain: readonly Certificate[];
}

/** The host after certificates were renewed. */
export function renewed(
  host: KubeadmHost,
  ends: ReadonlyMap<CredentialName, number>,
  leaves: ReadonlyMap<CredentialName, PlannedLeaf> = new Map(),
): KubeadmHost {
  const made = mapCredentials(host, (credential) => {
    const notAfter = ends.get(credential.name);
    if (notAfter === undefined) return credential;
    const paths = [...new Set([credential.certificatePath, credential.keyPath])];
    const replaces = leafOf(credential.holding) ?? leafOf(credential.aside?.holding);
    const leaf = leaves.get(credential.name);
    return {
      ...omit(credential, 'signerEnd', 'isMisnamed', 'unverified'),
      holding: {
        state: 'planned',
        notAfter,
        ...(replaces && { replaces }),
        ...(leaf && { names: { dnsNames: leaf.dnsNames, ipAddresses: leaf.ipAddresses } }),
        chain: leaf?.chain ?? [],
      },
      key: 'match',
      signedByAuthority: true,
      files: paths.map((path) => plannedFile(path)),
    };
  });
  return ends.has('kubelet-client') && isCutOff(host) ? withKubeletBack(made) : made;
}

/** What is aside from a bootstrap that was cut off is put back before kubelet gets another certificate. */
function withKubeletBack(host: KubeadmHost): KubeadmHost {
  const { aside, isAsking: _over, ...kubelet } = host.kubelet;
  const { credentials } = mapCredentials(host, (credential) =>
    credential.name === 'kubelet-client' ? omit(credential, 'aside') : credential,
  );
  const file = aside ? { ...aside, path: KUBELET_KUBECONFIG } : kubelet.file;
  return { ...host, credentials, kubelet: { ...kubelet, file } };
}

/** The host after everything that was moved aside has been deleted. */
export function asideRemoved(host: KubeadmHost): KubeadmHost {
  return mapCredentials(host, (credential) => omit(credential, 'aside'));
}

/** The host after manifests hidden from kubelet were put back. */
export function unparked(host: KubeadmHost): KubeadmHost {
  return { ...host, staticPods: host.staticPods.map(({ parked: _back, ...pod }) => pod) };
}

/** Everything in the aside directory. */
export function asideFiles(host: KubeadmHost): readonly FileState[] {
  return host.credentials.flatMap(({ aside }) => aside?.files ?? []);
}

/** A file that a planned task will write: newer than every running process. */
export function plannedFile(path: string): FileState {
  return { path, mode: '0600', uid: 0, gid: 0, size: 0, modifiedAt: Number.POSITIVE_INFINITY, sha256: 'planned' };
}

/** Whether a planned task will write it, or put it back from a backup. */
export function isToBeWritten({ modifiedAt }: Pick<FileState, 'modifiedAt'>): boolean {
  return modifiedAt === Number.POSITIVE_INFINITY;
}

function mapCredentials(host: KubeadmHost, change: (credential: Credential) => Credential): KubeadmHost {
  return { ...host, credentials: host.credentials.map(change) };
}

/** What is known of who has signed a leaf. */
const SIGNER = ['signedByAuthority', 'signerEnd', 'isMisnamed', 'unverified'] as const;

function omit(credential: Credential, ...keys: readonly ('aside' | (typeof SIGNER)[number])[]): Credential {
  const rest = { ...credential };
  for (const key of keys) delete rest[key];
  return rest;
}
