import type { FactRef } from '../../core/fact.ts';
import { HOST_PATH_PATTERN } from '../../core/host-path.ts';
import type { ValueOf } from '../../core/schema.ts';
import type { PlanContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { type Backup, backups } from '../../facts/backups/backups.ts';
import { homeKubeconfigs } from '../../facts/certificates/home-kubeconfigs.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type KubeadmBinary, kubeadmBinary } from '../../facts/host/kubeadm-binary.ts';
import { system } from '../../facts/host/system.ts';
import { type DueRule, parseRenewBefore } from '../../kubeadm/certificates/due.ts';
import type { HomeKubeconfig } from '../../kubeadm/certificates/home.ts';
import { isNothingPending, pendingOf } from '../../kubeadm/certificates/pending.ts';
import { imageVersion } from '../../kubeadm/cluster/endpoints.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import type { CredentialName } from '../../kubeadm/table.ts';
import type { MakingParams } from './make-leaves.ts';
import { needsSigner } from './signer.ts';
import { signerChallenge } from './signer-proof.ts';

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
/** An IPv4 address at the end of an IPv6 address. */
const IPV4 = `${OCTET}([.]${OCTET}){3}`;
const GROUP = '[0-9A-Fa-f]{1,4}';
/** By how many groups stand before `::`. */
const IPV6 = [
  `:((:${GROUP}){1,7}|(:${GROUP}){0,5}:${IPV4}|:)`,
  ...[1, 2, 3, 4, 5].map(
    (before) => `(${GROUP}:){${before}}((:${GROUP}){1,${7 - before}}|(:${GROUP}){0,${5 - before}}:${IPV4}|:)`,
  ),
  `(${GROUP}:){6}(:${GROUP}|${IPV4}|:)`,
  `(${GROUP}:){7}(${GROUP}|:)`,
].join('|');

/** What kubeadm takes: a DNS name, which may begin with `*.`, or an address. */
const LABEL = '[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?';
const ALTERNATIVE_NAME = `^(([*][.])?${LABEL}([.]${LABEL})*|${IPV6})$`;

/**
 * Parameters that several certificate steps share, so that they decide alike. Each defaults to the variable of the same name.
 */
export const SHARED = {
  renew_before: {
    type: 'string',
    pattern: '^(all|(\\d+y)?(\\d+w)?(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?)$',
    minLength: 2,
    examples: ['30d'],
    default: '30d',
    description:
      'certificates that expire within this time are due: a duration such as 30d, 0s for expired ones only, or all',
    'x-default-variable': 'renew_before',
  },
  extra_sans: {
    type: 'array',
    items: { type: 'string', pattern: ALTERNATIVE_NAME, description: 'a DNS name or an address, without a port' },
    default: [],
    description: "DNS names or addresses to add to the API server's certificate",
    'x-default-variable': 'extra_sans',
  },
  backup_to: {
    type: 'string',
    pattern: HOST_PATH_PATTERN,
    default: '/var/backups/kplay',
    description: 'directory of the backups on the host, from / and without a slash at the end',
    'x-default-variable': 'backup_to',
  },
  users: {
    type: 'array',
    items: { type: 'string', pattern: '^[A-Za-z0-9._][A-Za-z0-9._-]*$' },
    default: ['root'],
    description: 'users on the host whose ~/.kube/config is updated with admin.conf',
    'x-default-variable': 'kubeconfig_users',
  },
} as const;

/** How a worker's kubelet gets a new client certificate; a master's is always signed on the master itself. */
export const WORKER_KUBELETS = {
  worker_kubelets: {
    enum: ['signed', 'bootstrap'],
    default: 'signed',
    description:
      'how the kubelet of a worker gets a new client certificate when its own has expired: signed by a master of the play and ' +
      'carried over (kubeconfig.regenerate), or asked for by kubelet itself with a bootstrap token, once the API is back ' +
      '(kubelet.bootstrap)',
    'x-default-variable': 'worker_kubelets',
  },
} as const;

const workerKubelets = { type: 'object', properties: WORKER_KUBELETS, additionalProperties: false } as const;
export type WorkerKubeletsParams = ValueOf<typeof workerKubelets>;

/** Whether the kubelet of this host requests its certificate itself: a worker's, if the user chose that. */
export function isBootstrapped({ worker_kubelets }: WorkerKubeletsParams, { role }: KubeadmHost): boolean {
  return role === 'worker' && worker_kubelets === 'bootstrap';
}

const shared = { type: 'object', properties: SHARED, additionalProperties: false } as const;
export type SharedParams = ValueOf<typeof shared>;

/** What the certificate steps know about a host before a task. */
export interface CertificateView {
  readonly host: KubeadmHost;
  readonly homes: readonly HomeKubeconfig[];
  /** Newest first. */
  readonly backups: readonly Backup[];
  readonly rule: DueRule;
}

/** The facts of a `CertificateView`. */
export function certificateFacts(params: Pick<SharedParams, 'backup_to' | 'users'>) {
  return [kubernetesFiles, backups(params.backup_to), homeKubeconfigs(params.users)] as const;
}

/**
 * The kubeadm of the host is asked for its version only if there is work for it: starting it costs more than all other facts
 * together. A master may have to work for a worker of the play, and then has to prove that it is one. Judged by the hosts' own
 * clocks.
 */
export function makerFacts(
  params: SharedParams & MakingParams,
  known: World,
  peers: ReadonlyMap<string, World>,
): readonly FactRef[] {
  const host = known.find(kubernetesFiles);
  const canHelp =
    host?.role === 'control-plane' &&
    [...peers.values()].some(
      (peer) => peer.has(kubernetesFiles) && needsSigner(peer.get(kubernetesFiles)) && hasWork(params, peer),
    );
  const usesKubeadm =
    params.method === 'native' ? tellsVersion(host) && hasWork(params, known) : canHelp || hasWork(params, known);
  return [...(usesKubeadm ? [kubeadmBinary] : []), ...(canHelp ? [signerChallenge(host)] : [])];
}

/** Where every image of the control plane is named by a digest, only the host's kubeadm tells what kubeadm gives certificates. */
function tellsVersion(host: KubeadmHost | undefined): boolean {
  return host?.role === 'control-plane' && imageVersion(host) === undefined;
}

/** The kubeadm that makes certificates; with `native` only its version counts, and none may be known. */
export function kubeadmFor({ method }: MakingParams, world: World): KubeadmBinary {
  if (method !== 'native') return world.get(kubeadmBinary);
  return { version: world.find(kubeadmBinary)?.version, problem: undefined };
}

function hasWork(params: SharedParams, known: World): boolean {
  if (!known.has(kubernetesFiles) || !known.has(system)) return false;
  const homes = homeKubeconfigs(params.users);
  const rule = ruleOf(params, new Date(known.get(system).clock * 1000), new Set());
  return !isNothingPending(pendingOf(known.get(kubernetesFiles), known.find(homes) ?? [], rule));
}

/** The rule for what is due. */
export function ruleOf(
  params: Pick<SharedParams, 'renew_before' | 'extra_sans'>,
  now: Date,
  renewed: DueRule['renewed'],
): DueRule {
  return { renewBefore: parseRenewBefore(params.renew_before), now, extraNames: params.extra_sans, renewed };
}

/** What is known before a task, of which `certificateFacts` have been observed, and the rule of its run for what is due. */
export function certificateView(params: SharedParams, world: World, context: PlanContext): CertificateView {
  const host = world.get(kubernetesFiles);
  const hostBackups = world.get(backups(params.backup_to));
  const renewed = renewedSince(
    host,
    hostBackups.find(({ id }) => id === context.runId),
  );
  return {
    host,
    homes: world.get(homeKubeconfigs(params.users)),
    backups: hostBackups,
    rule: { ...ruleOf(params, context.now, renewed), seenAt: context.observedAt(kubernetesFiles) },
  };
}

/** The credentials that differ from this run's own backup. */
function renewedSince(host: KubeadmHost, backup: Backup | undefined): ReadonlySet<CredentialName> {
  if (!backup) return new Set();
  const saved = new Map(backup.files.map(({ path, sha256 }) => [path, sha256]));
  const changed = host.credentials.filter(({ certificatePath, files }) => {
    const current = files.find(({ path }) => path === certificatePath);
    // A file that could not be saved because it did not exist has been made since.
    return current !== undefined && current.sha256 !== saved.get(certificatePath);
  });
  return new Set(changed.map(({ name }) => name));
}
