import { nameList } from '../../core/name-list.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { Consumers, ConsumingFile } from '../../facts/certificates/consumers.ts';
import { assess, type DueRule, dueCredentials } from '../../kubeadm/certificates/due.ts';
import {
  type ForeignEntry,
  foreignEntries,
  type HomeEntry,
  type HomeKubeconfig,
  homeEntries,
} from '../../kubeadm/certificates/home.ts';
import { signedBy } from '../../kubeadm/host/credential-state.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { Credential, Holding, KubeadmHost } from '../../kubeadm/host/model.ts';
import type { CredentialName } from '../../kubeadm/table.ts';
import { leadsTo } from '../../pki/chain.ts';
import { unreadWarnings } from '../kubeconfig/home-warnings.ts';
import { byDirectory } from '../placing/by-directory.ts';

/**
 * Warns about everything else that uses renewed credentials, with what to do; nothing of it is changed silently. In `homes`,
 * the users' kubeconfigs, kplay itself updates copies of admin.conf where it can.
 */
export function consumerWarnings(
  host: KubeadmHost,
  consumers: Consumers,
  homes: readonly HomeKubeconfig[],
  rule: DueRule,
): readonly PlanWarning[] {
  const names = new Set(dueCredentials(host, rule).map(({ name }) => name));
  return [
    ...strangeWarnings(host, homes, rule),
    ...unreadWarnings(host, homes),
    ...copyWarnings(host, consumers, homes, rule),
    ...podWarnings(host, names),
    ...userWarnings(consumers, host, names),
  ];
}

/** Entries in the kubeconfig of a listed user that are due or unusable and are not copies of the administrator's. */
function strangeWarnings(host: KubeadmHost, homes: readonly HomeKubeconfig[], rule: DueRule): readonly PlanWarning[] {
  return homes
    .flatMap((home) => foreignEntries(host, home))
    .flatMap(({ home, entry, why }) => {
      const reason =
        dueReason(host, { user: entry.name, holding: entry.holding }, rule) ?? unsignedReason(host, entry.holding);
      if (reason === undefined) return [];
      return [
        {
          message: `${home.path}: the certificate of ${entry.name} is not a copy of admin.conf, and is not renewed: ${why}; ${reason}`,
          remedy:
            'if it should be a copy, copy the new admin.conf there; otherwise get a new certificate signed for its user',
        },
      ];
    });
}

function unsignedReason({ authorities }: KubeadmHost, holding: Holding): string | undefined {
  if (holding.state !== 'present') return undefined;
  const { certificate, chain } = holding;
  return authorities.some(({ bundle }) => leadsTo(certificate, chain, bundle))
    ? undefined
    : 'API servers of this cluster do not accept it';
}

/** Copies of certificates signed by a CA of the host that are due by the same rule as the originals. */
function copyWarnings(
  host: KubeadmHost,
  { copies }: Consumers,
  homes: readonly HomeKubeconfig[],
  rule: DueRule,
): readonly PlanWarning[] {
  const followed = new Set(
    homes
      .flatMap((home) => [...homeEntries(host, home).filter(({ entry }) => entry.lines), ...foreignEntries(host, home)])
      .map(key),
  );
  const originals = new Set(
    [...host.credentials, ...host.authorities].flatMap(({ files, certificatePath }) => [
      certificatePath,
      ...files.map((file) => file.path),
    ]),
  );
  const due = copies.flatMap(({ path, user, holding }): readonly DueCopy[] => {
    const reason =
      originals.has(path) || followed.has(`${path}\0${user}`) ? undefined : dueReason(host, { user, holding }, rule);
    return reason === undefined ? [] : [{ path, user, reason }];
  });
  const files = due.filter(({ user }) => user === undefined);
  // Whole directories of certificates are copied together.
  return [...due.flatMap(kubeconfigWarning), ...[...byDirectory(files, ({ path }) => path)].map(certificatesWarning)];
}

function key({ home, entry }: HomeEntry | ForeignEntry): string {
  return `${home.path}\0${entry.name}`;
}

interface DueCopy {
  readonly path: string;
  readonly user: string | undefined;
  readonly reason: string;
}

/** Why a copied certificate is due; undefined if it is not, or is not a leaf of this cluster. */
function dueReason(
  host: KubeadmHost,
  { user, holding }: Pick<Consumers['copies'][number], 'user' | 'holding'>,
  rule: DueRule,
): string | undefined {
  const certificate = leafOf(holding);
  if (!certificate || certificate.isAuthority) return undefined;
  const signers = host.authorities
    .map(({ name }) => ({ authority: name, ...signedBy(host.authorities, name, holding) }))
    .filter(({ signedByAuthority }) => signedByAuthority);
  // Several CAs may have one key.
  const signer = signers.find(({ isMisnamed }) => !isMisnamed) ?? signers[0];
  if (!signer) return undefined;
  // Only the signer and the dates matter: keys and names are checked with the original. Of a file nothing tells whether it is a client's.
  const copy: Credential = {
    name: user === undefined ? 'kubelet-server' : 'admin.conf',
    kind: 'kubeconfig',
    holding,
    key: 'match',
    files: [],
    certificatePath: '',
    keyPath: '',
    ...signer,
  };
  const { due, reason } = assess(copy, { ...rule, renewed: new Set() });
  return due ? reason : undefined;
}

function kubeconfigWarning({ path, user, reason }: DueCopy): readonly PlanWarning[] {
  if (user === undefined) return [];
  return [
    {
      message: `${path} has a certificate of its own for ${user}, which is not renewed: ${reason}`,
      remedy: path.endsWith('/.kube/config')
        ? 'copy the new admin.conf there; on masters kplay does this for the users in kubeconfig_users'
        : 'copy the new admin.conf there',
    },
  ];
}

function certificatesWarning([directory, copies]: readonly [string, readonly DueCopy[]]): PlanWarning {
  const names = copies.map(({ path }) => path.slice(directory.length + 1)).join(', ');
  const [one, are] = copies.length === 1 ? ['a certificate', 'is'] : ['certificates', 'are'];
  return {
    message: `${directory} holds ${one} of this cluster, which ${are} not renewed: ${names} (${copies[0]?.reason})`,
    remedy: 'if something uses them, copy the new ones there with their keys, and restart it',
  };
}

/** Static pods that can see renewed files and may or may not have loaded them. */
function podWarnings({ otherManifests }: KubeadmHost, due: ReadonlySet<CredentialName>): readonly PlanWarning[] {
  return otherManifests.flatMap(({ pod, path, reads, mayRead }) => {
    const visible = mayRead.filter((name) => due.has(name));
    if (pod === undefined || visible.length === 0 || reads.some((name) => due.has(name))) return [];
    return [
      {
        message: `static pod ${path} may have loaded ${nameList(visible, 4)}, and is not restarted`,
        remedy: `if it has loaded them, ${RESTART_POD}; kplay only restarts pods (restartPolicy: Always) that mount the file itself, or name it in their command, arguments or environment`,
      },
    ];
  });
}

/** Files that name renewed credentials; where it is unknown what they name, it may be any of them. */
function userWarnings(
  { users }: Consumers,
  { staticPods, otherManifests }: KubeadmHost,
  due: ReadonlySet<CredentialName>,
): readonly PlanWarning[] {
  // It is known what these read: control_plane.restart restarts them, or podWarnings names them. A copy of kubeadm's own manifest is
  // one of its components under another name, and refused.
  const known = new Set([
    ...staticPods.map(({ file }) => file.path),
    ...otherManifests.flatMap(({ pod, path, reads, mayRead }) =>
      pod !== undefined && reads.length + mayRead.length > 0 ? [path] : [],
    ),
  ]);
  return users
    .filter(({ path, uses }) => !known.has(path) && (uses ? uses.some((name) => due.has(name)) : due.size > 0))
    .map(({ path, kind, uses }) => {
      const renewed = uses?.filter((name) => due.has(name)) ?? [];
      const which = renewed.length > 0 ? `: ${renewed.join(', ')}` : '';
      return { message: `${kind} ${path} uses credentials that are renewed${which}`, remedy: USES[kind] };
    });
}

const RESTART_POD =
  'restart it as soon as the API server is back (crictl stop CONTAINER), because it keeps the old one loaded';
const LOADED = 'restart it after the run, because it keeps the old one loaded';
const USES: Readonly<Record<ConsumingFile['kind'], string>> = {
  'static pod': `its manifest names such a file, but mounts none: if it reads it all the same, ${RESTART_POD}`,
  unit: LOADED,
  'environment file': 'after the run, restart what is started with it, because it keeps the old one loaded',
  script: 'it reads them at each start; if it keeps running, restart it after the run',
  'cron job': 'it reads them each time it runs',
};
