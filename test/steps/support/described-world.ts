import { createHash } from 'node:crypto';
import { parseDuration } from '../../../src/core/duration.ts';
import type { FactRef } from '../../../src/core/fact.ts';
import { linkedPath } from '../../../src/core/host-path.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Answer } from '../../../src/facts/answer.ts';
import type { Node, Nodes } from '../../../src/facts/api/nodes.ts';
import type { Workloads } from '../../../src/facts/api/workloads.ts';
import type { BackupAccess } from '../../../src/facts/backups/backup-access.ts';
import type { BackupPlace } from '../../../src/facts/backups/backup-place.ts';
import type { Backup } from '../../../src/facts/backups/backups.ts';
import type { Consumers } from '../../../src/facts/certificates/consumers.ts';
import type { KeyProof } from '../../../src/facts/certificates/key-proof.ts';
import type { ProvenPair } from '../../../src/facts/certificates/proven-pairs.ts';
import type { Served } from '../../../src/facts/certificates/served.ts';
import type { CopyPlace } from '../../../src/facts/files/copy-place.ts';
import type { FilePart } from '../../../src/facts/files/file-part.ts';
import type { RemoteFile } from '../../../src/facts/files/remote-file.ts';
import type { KubeadmBinary } from '../../../src/facts/host/kubeadm-binary.ts';
import type { LostRunScript } from '../../../src/facts/host/lost-run-script.ts';
import type { System } from '../../../src/facts/host/system.ts';
import type { EtcdMember } from '../../../src/facts/processes/etcd-member.ts';
import type { KubeletUnit } from '../../../src/facts/processes/kubelet-unit.ts';
import type { RuntimeSocket } from '../../../src/facts/processes/runtime-socket.ts';
import type { ServiceState } from '../../../src/facts/processes/service-state.ts';
import type { SavedLeaf } from '../../../src/kubeadm/backup-manifest.ts';
import type { HomeKubeconfig } from '../../../src/kubeadm/certificates/home.ts';
import { backupItems } from '../../../src/kubeadm/certificates/pending.ts';
import type { PendingRequest } from '../../../src/kubeadm/certificates/pending-request.ts';
import { leafOf } from '../../../src/kubeadm/host/interpret.ts';
import { holdingOf, readKubeconfig } from '../../../src/kubeadm/host/kubeconfig.ts';
import type { FileState, Holding, KubeadmHost } from '../../../src/kubeadm/host/model.ts';
import type { PodProcess, PodTable } from '../../../src/kubeadm/restarts/other-readers.ts';
import type { NamedProcess, ProcessIdentity, ProcessTable } from '../../../src/kubeadm/restarts/reader-process.ts';
import { type Reader, readersOf, servingPorts } from '../../../src/kubeadm/restarts/restart.ts';
import type { AuthorityName, CredentialName } from '../../../src/kubeadm/table.ts';
import { parseVersion } from '../../../src/kubeadm/version.ts';
import { etcdDatabase } from '../../../src/simulation/etcd-database.ts';
import { type HostDescription, hostFiles, signedDuration } from '../../kubeadm/support/host-files.ts';
import {
  FOREIGN_KEY,
  first,
  NOW,
  newAuthority,
  newLeaf,
  pemOf,
  RSA_KEY,
  signedAgain,
  type TestAuthority,
} from '../../kubeadm/support/keys.ts';
import { kubeconfigText, type TestUser } from '../../kubeadm/support/kubeconfig-text.ts';
import { describedHost } from '../../kubeadm/support/raw-files.ts';
import { requestsOf } from './signed-texts.ts';

/** A host and all that is known of it, as a test describes it: what is not said is well. */
export interface WorldDescription extends HostDescription {
  /** Of the running processes, by component: how long ago it started (`20d stranger`: somebody else's), `dead`, or `unseen`. */
  readonly processes?: Readonly<Record<string, string>>;
  /** Of static pods that are none of kubeadm's, by their containers: how long ago that started, or `unseen`. */
  readonly pods?: Readonly<Record<string, string>>;
  /** By leaf: `other`, `not up`, `cannot ask`. */
  readonly served?: Readonly<Record<string, string>>;
  /** By component, or by the path of the API server that is asked: `500 some text`, `no answer`, `cannot ask`. */
  readonly health?: Readonly<Record<string, string>>;
  readonly backups?: readonly BackupDescription[];
  readonly backup_access?: BackupAccess;
  readonly copy_place?: Partial<CopyPlace>;
  readonly backup_place?: BackupPlace;
  /** Their paths. */
  readonly unfinished_backups?: readonly string[];
  /** Version of the binary; `none`. */
  readonly kubeadm?: string;
  readonly system?: {
    /** What the host is called now: as its node where it is not said. */
    readonly hostname?: string;
    readonly uid?: number;
    readonly skew?: string;
    readonly kilobytes?: number;
    /** Kilobytes that are free in other places. */
    readonly apart?: Readonly<Record<string, number>>;
    readonly inodes?: number;
    readonly writable?: boolean | 'no directory';
    readonly closed?: readonly string[];
  };
  /** By user: when the copy of admin.conf ends; or what else there is. */
  readonly homes?: Readonly<Record<string, string | HomeDescription>>;
  readonly lost_run_script?: LostRunScript;
  readonly consumers?: {
    readonly copies?: Readonly<Record<string, string>>;
    readonly users?: Readonly<Record<string, Consumers['users'][number]['kind']>>;
    /** What these name, by path; it is not known of the others. */
    readonly uses?: Readonly<Record<string, readonly CredentialName[]>>;
  };
  /** State of the node; `no answer`, `cannot ask`, `unknown`. */
  readonly node_state?: string;
  /** Why there is no answer about nodes. */
  readonly api_says?: string;
  /** The other nodes of the cluster: `Ready`, `NotReady`, `Ready master`. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** How many other members its etcd member knows (from 3.6), has met, and is connected to, or the ids of these (`to`). */
  readonly etcd_member?: {
    readonly id?: string;
    readonly to?: readonly string[];
    readonly leader?: boolean;
    readonly learner?: boolean;
    readonly others?: number;
    readonly met?: number;
    readonly connected?: number;
    /** Ids of members that it has tried to reach. */
    readonly tried?: readonly string[];
  };
  /** Addresses of the members in the database of its etcd, by name (`10.0.0.2 learner`); absent: it has none that can be read. */
  readonly etcd_database?: Readonly<Record<string, string>>;
  /** Keys that wait for a certificate, by leaf: `same`, `other key`, `other name`. */
  readonly requests?: Readonly<Record<string, string>>;
  readonly services?: Readonly<Record<string, string>>;
  /** Contents of files by path; an empty mapping of them means that none exists. */
  readonly texts?: Readonly<Record<string, string | Partial<RemoteFile>>>;
  readonly open_ports?: readonly number[];
  /** Of its container runtime's socket; it listens when nothing is said. */
  readonly runtime?: RuntimeSocket;
  /** Of the unit of kubelet; systemd can start it when nothing is said. */
  readonly kubelet_unit?: KubeletUnit;
  /** Its name in the inventory, when that is another than its node’s. */
  readonly inventory_name?: string;
}

export interface BackupDescription {
  readonly id: string;
  /** `all` of what the steps may change, or these paths. */
  readonly holds?: 'all' | readonly string[];
  /** Paths whose digest is not that of the file as it is now. */
  readonly older?: readonly string[];
  readonly damaged?: readonly string[];
  /** When all its certificates end; as the host's own where it is not said. */
  readonly ends?: string;
  /** Leaves in it that cannot be used: `other key`, `foreign signer`, `unreadable`. */
  readonly spoiled?: Readonly<Record<string, string>>;
  readonly exposed?: true;
  /** There are too many newer ones. */
  readonly unread?: true;
  /** The backup whose putting back it was made for. */
  readonly replaced_by?: string;
  /** Links by path. */
  readonly links?: Readonly<Record<string, string>>;
}

export interface HomeDescription {
  readonly ends?: string;
  /** Further contexts with users of their own. */
  readonly others?: readonly string[];
  /** Certificate and key have no lines to themselves. */
  readonly folded?: boolean;
  readonly cluster?: 'another';
  /** Its user has the certificate alone. */
  readonly keyless?: boolean;
  /** Its user has signed the certificate. */
  readonly forged?: boolean;
  /** Extended key usages of a certificate that is not the same, if it is not for clients. */
  readonly usages?: readonly string[];
  /** Its groups, if not those of a newer kubeadm. */
  readonly organizations?: readonly string[];
  /** How a certificate that is not the same is signed, if not as kubeadm does. */
  readonly signature?: 'SHA-1';
  readonly content?: string;
  /** It is too long to be looked at, so long in bytes. */
  readonly passed_over?: number;
}

/** What a described host answers; an unexpected question is an error, as an unexpected command would be. */
export function answersOf(description: WorldDescription): (ref: FactRef) => unknown {
  const host = describedHost(hostPart(description));
  return (ref) => {
    const params = JSON.parse(ref.key.slice(ref.name.length)) as JsonObject;
    const answer = ANSWERS[ref.name];
    if (!answer) throw new Error(`the described host is asked for ${ref.key}`);
    return answer(description, host, params);
  };
}

type Answerer = (description: WorldDescription, host: KubeadmHost, params: JsonObject) => unknown;

const ANSWERS: Readonly<Record<string, Answerer>> = {
  kubernetes_files: (_description, host) => host,
  copy_place: (description): CopyPlace => ({
    unknownUser: false,
    unknownGroup: false,
    noDirectory: false,
    isMounted: false,
    unwritable: undefined,
    owner: undefined,
    group: undefined,
    ...description.copy_place,
  }),
  backup_access: (description): BackupAccess => description.backup_access ?? { state: 'open' },
  backup_place: (description): BackupPlace => description.backup_place ?? 'private',
  unfinished_backups: ({ unfinished_backups = [] }): readonly string[] => unfinished_backups,
  system: (description): System => systemOf(description),
  processes: (description, host): ProcessTable => processesOf(description, host),
  static_pod_processes: (description): PodTable => podsOf(description),
  served: (description, host, { address, port }): Served => servedOf(description, host, String(address), Number(port)),
  answer: (description, _host, { port, path }): Answer => healthOf(description, Number(port), String(path)),
  backups: (description, host, { directory }): readonly Backup[] => backupsOf(description, host, String(directory)),
  backup_leaves: (description, host, { copies }): ReadonlyMap<string, SavedLeaf> =>
    savedLeavesOf(description, host, String(copies)),
  home_kubeconfigs: (description, _host, { users }): readonly HomeKubeconfig[] =>
    homesOf(description, users as readonly string[]),
  kubeadm_binary: (description): KubeadmBinary => kubeadmOf(description),
  consumers: (description): Consumers => consumersOf(description),
  lost_run_script: ({ lost_run_script = 'none' }): LostRunScript => lost_run_script,
  nodes: (description, host): Nodes => nodesOf(description, host),
  workloads: (): Workloads => new Map([['f'.repeat(64), 'coredns']]),
  etcd_member: (description): EtcdMember => etcdMemberOf(description),
  file_part: (description, _host, part): string => databasePart(description, part as unknown as FilePart),
  pending_requests: (description): readonly PendingRequest[] =>
    requestsOf(description.requests ?? {}, hostPart(description)),
  file_states: (description, host, { paths }): ReadonlyMap<string, FileState> =>
    fileStatesOf(description, host, paths as readonly string[]),
  existing_paths: ({ texts = {} }, _host, { patterns }): readonly string[] =>
    (patterns as readonly string[]).filter((pattern) => texts[pattern] !== undefined),
  remote_file: (description, _host, { path }): RemoteFile => remoteFileOf(description, String(path)),
  service_state: (description, _host, { name }): ServiceState => serviceOf(description, String(name)),
  key_proof: (): KeyProof => ({ state: 'cannot', reason: 'there is no openssl on the host' }),
  proven_pairs: (): readonly ProvenPair[] => [],
  kubelet_unit: ({ kubelet_unit }): KubeletUnit => kubelet_unit ?? { state: 'startable' },
  runtime_socket: ({ runtime }): RuntimeSocket => runtime ?? 'listening',
  open_port: (description, _host, { port }): boolean => (description.open_ports ?? []).includes(Number(port)),
};

/** Of the description, what makes the host's files. */
function hostPart(description: WorldDescription): HostDescription {
  const {
    processes,
    served,
    health,
    backups,
    backup_access,
    copy_place,
    backup_place,
    unfinished_backups,
    kubeadm,
    system,
    homes,
    consumers,
    node_state,
    requests,
    api_says,
    nodes,
    etcd_member,
    etcd_database,
    services,
    texts,
    open_ports,
    kubelet_unit,
    runtime,
    inventory_name,
    ...host
  } = description;
  return host;
}

/** The run that plans; backups that are named after it were made when it began. */
export const RUN_ID = '20261124T120000Z-0001';
const SECONDS = NOW.getTime() / 1000;
const DAY_SECONDS = 86_400;

function systemOf({ system = {}, role, node = 'master-1' }: WorldDescription): System {
  const {
    hostname = node,
    uid = 0,
    skew = '0s',
    kilobytes = 5_000_000,
    apart = {},
    inodes = 100_000,
    writable = true,
    closed = [],
  } = system;
  return {
    hostname,
    uid,
    clock: SECONDS + signedDuration(skew) / 1000,
    space: Object.entries({ '/etc': kilobytes, ...apart }).map(([path, freeKilobytes]) => ({
      path,
      freeKilobytes,
      freeInodes: inodes,
    })),
    kubernetesWritable: writable === 'no directory' || role === 'none' ? undefined : writable,
    closed,
  };
}

function processesOf({ processes = {} }: WorldDescription, host: KubeadmHost): ProcessTable {
  const saidOf = (component: Reader): string => processes[component] ?? processes['*'] ?? '20d';
  const readers = readersOf(host);
  return {
    visible: !readers.some((reader) => saidOf(reader) === 'unseen'),
    processes: readers.flatMap((component, index): readonly NamedProcess[] => {
      const said = saidOf(component);
      if (said === 'dead' || said === 'unseen') return [];
      const age = signedDuration(said.replace(/ .*/, '')) / 1000;
      const startedAt = SECONDS - age;
      const identity = identityOf(host, component, said);
      return [{ component, pid: 100 + index, startTicks: 1000, startedAt, within: 1, age, identity }];
    }),
  };
}

function podsOf({ pods = {} }: WorldDescription): PodTable {
  const said = Object.entries(pods);
  return {
    visible: !said.some(([, text]) => text === 'unseen'),
    processes: said.flatMap(([name, text], index): readonly PodProcess[] => {
      if (text === 'unseen') return [];
      const age = signedDuration(text) / 1000;
      const container = { id: `${index}`.repeat(64), pod: `${index}`.repeat(32), names: [name] };
      return [{ pid: 200 + index, startTicks: 2000, startedAt: SECONDS - age, within: 1, age, container, logs: [] }];
    }),
  };
}

/** Of a process that is a reader's; `20d stranger` is somebody else's. */
function identityOf(host: KubeadmHost, component: Reader, said: string): ProcessIdentity {
  const isStranger = said.endsWith(' stranger');
  const pod = host.staticPods.find((candidate) => candidate.component === component);
  return {
    uid: pod?.runsAs ?? 0,
    isSetuid: false,
    inHostNetwork: true,
    words: pod?.command ?? ['kubelet', '--kubeconfig=/etc/kubernetes/kubelet.conf'],
    container: pod && {
      id: 'c'.repeat(64),
      pod: isStranger ? undefined : 'd'.repeat(32),
      names: [pod.container],
    },
  };
}

function servedOf(
  { served = {}, processes = {} }: WorldDescription,
  host: KubeadmHost,
  address: string,
  port: number,
): Served {
  const place = servingPorts(host).find((candidate) => candidate.address === address && candidate.port === port);
  if (!place) return servedElsewhere(served[`${address}:${port}`], host);
  const said = served[place.credential] ?? (processes[place.component] === 'dead' ? 'not up' : 'same');
  if (said === 'cannot ask') return { state: 'cannot ask', reason: 'forwarding is forbidden' };
  const onDisk = leafOf(host.credentials.find(({ name }) => name === place.credential)?.holding);
  if (said === 'late') return { state: 'not up', reason: 'no answer within 3 s', isLate: true };
  if (said === 'not up' || (said === 'same' && !onDisk)) return { state: 'not up', reason: 'connection refused' };
  return { state: 'serving', certificate: said === 'same' && onDisk ? onDisk : otherCertificate(said) };
}

/** What another host serves, or kubelet: by name, a certificate of this host. */
function servedElsewhere(said: string | undefined, { credentials }: KubeadmHost): Served {
  const own = leafOf(credentials.find(({ name }) => name === said)?.holding);
  if (own) return { state: 'serving', certificate: own };
  if (said === 'cannot ask') return { state: 'cannot ask', reason: 'forwarding is forbidden' };
  if (said === 'late') return { state: 'not up', reason: 'no answer within 3 s', isLate: true };
  if (said === undefined) return { state: 'not up', reason: 'connection refused' };
  return { state: 'serving', certificate: otherCertificate(said) };
}

/** Another certificate, that ends when it is said; in ten days. */
function otherCertificate(said: string, signer = authority()) {
  const ends = /^-?\d/.test(said) ? said : '10d';
  return first(
    newLeaf(signer, {
      subject: { commonName: 'an old one' },
      notAfter: NOW.getTime() + signedDuration(ends),
      publicKey: RSA_KEY.publicKey,
    }),
  );
}

const HEALTH_PORTS: Readonly<Record<number, string>> = {
  2381: 'etcd',
  6443: 'kube-apiserver',
  10251: 'kube-scheduler',
  10252: 'kube-controller-manager',
  10257: 'kube-controller-manager',
  10259: 'kube-scheduler',
};

function healthOf({ health = {}, processes = {} }: WorldDescription, port: number, path: string): Answer {
  const component = HEALTH_PORTS[port] ?? '';
  const ofPath = component === 'kube-apiserver' ? health[path] : undefined;
  const said = ofPath ?? health[component] ?? (processes[component] === 'dead' ? 'no answer' : '200 ');
  if (said === 'cannot ask') return { status: undefined, text: 'forwarding is forbidden', isUnasked: true };
  if (said === 'late') return { status: undefined, text: 'no answer within 3 s', isLate: true };
  if (said === 'no answer') return { status: undefined, text: 'connection refused' };
  const [status = '', ...text] = said.split(' ');
  return {
    status: Number(status),
    text: component === 'etcd' && status === '200' ? '{"health":"true"}' : text.join(' '),
  };
}

function backupsOf(description: WorldDescription, host: KubeadmHost, directory: string): readonly Backup[] {
  const now = backupItems(host, homesOf(description, ['root', 'ops'])).map(({ file }) => file);
  return (description.backups ?? []).map(
    ({ id, holds = 'all', older = [], damaged = [], exposed, unread, replaced_by, links = {} }) => ({
      id,
      host: description.node ?? 'master-1',
      createdAt: id.startsWith(RUN_ID) ? NOW.toISOString() : '2026-11-20T00:00:00.000Z',
      directory: `${directory}/${id}`,
      files: (unread
        ? []
        : holds === 'all'
          ? now
          : holds.map((path) => now.find((file) => file.path === path) ?? somethingAt(path))
      ).map(({ path, sha256, mode, uid, gid, link = links[path] }) => ({
        path,
        sha256: older.includes(path) || older.includes('*') ? digest(`older ${path}`) : sha256,
        mode,
        uid,
        gid,
        ...(link !== undefined && { link }),
      })),
      damaged,
      ...(exposed && { exposed }),
      ...(unread && { unread }),
      ...(replaced_by !== undefined && { replacedBy: replaced_by }),
    }),
  );
}

function savedLeavesOf(
  { backups: described = [] }: WorldDescription,
  host: KubeadmHost,
  copies: string,
): ReadonlyMap<string, SavedLeaf> {
  const { ends, spoiled = {} } = described.find(({ id }) => copies.endsWith(`/${id}/files`)) ?? {};
  return new Map(
    host.credentials.flatMap((credential) => {
      const { name, certificatePath, keyPath, holding, aside } = credential;
      const fault = spoiled[name];
      const signer = fault === 'foreign signer' ? forger() : authority(credential.authority);
      const isAsNow = ends === undefined && fault !== 'foreign signer';
      const usual = isAsNow ? (leafOf(holding) ?? leafOf(aside?.holding)) : otherCertificate(ends ?? '100d', signer);
      const certificate = usual && fault === 'SHA-1' ? first(signedAgain(pemOf(usual), signer)) : usual;
      const saved: Holding = certificate ? { state: 'present', certificate, chain: [] } : { state: 'absent' };
      const publicHalf = fault === 'other key' ? FOREIGN_KEY.half : RSA_KEY.half;
      return [
        [keyPath, { holding: { state: 'absent' }, publicHalf }],
        [
          certificatePath,
          { holding: fault === 'unreadable' ? { state: 'unreadable', reason: 'it is truncated' } : saved, publicHalf },
        ],
      ] as const;
    }),
  );
}

function homesOf(description: WorldDescription, users: readonly string[]): readonly HomeKubeconfig[] {
  return users.flatMap((user) => {
    const said = description.homes?.[user];
    return said === undefined ? [] : [homeOf(description, user, typeof said === 'string' ? { ends: said } : said)];
  });
}

function homeOf(
  description: WorldDescription,
  user: string,
  {
    ends = 'same',
    others = [],
    folded = false,
    cluster,
    content,
    keyless = false,
    forged = false,
    usages,
    organizations,
    signature,
    passed_over,
  }: HomeDescription,
): HomeKubeconfig {
  const path = user === 'root' ? '/root/.kube/config' : `/home/${user}/.kube/config`;
  const ca = cluster === 'another' ? newAuthority('stranger', authority().certificate.notAfter) : authority();
  const otherPem = (signer: TestAuthority): string => {
    const pem = clientPem(signer, 'kubernetes-admin', ends, usages, organizations);
    return signature === 'SHA-1' ? signedAgain(pem, signer) : pem;
  };
  const own: TestUser = {
    name: 'kubernetes-admin',
    certificate: ends === 'same' ? adminPem(description) : otherPem(forged ? forger() : ca),
  };
  const text =
    content ??
    kubeconfigText({
      server: 'https://10.0.0.1:6443',
      authority: ca.pem,
      users: [own, ...others.map((name) => ({ name, certificate: clientPem(ca, name, '300d') }))],
    });
  const read = readKubeconfig(folded ? text.replace(/(client-certificate-data): (\S+)\n/, '$1: >-\n      $2\n') : text);
  const file: FileState = {
    path,
    mode: '0600',
    uid: 0,
    gid: 0,
    size: text.length,
    modifiedAt: SECONDS - 30 * DAY_SECONDS,
    sha256: digest(text),
  };
  if (passed_over !== undefined)
    return {
      user,
      path,
      file: { ...file, size: passed_over, sha256: '' },
      read: undefined,
      keyHolders: new Set(),
      isPassedOver: true,
    };
  const users = 'shape' in read ? read.users : [];
  return {
    user,
    path,
    file,
    read: 'shape' in read ? read : undefined,
    keyHolders: new Set(keyless ? [] : users.map(({ name }) => name)),
  };
}

/** The certificate of the described host's own admin.conf. */
function adminPem(description: WorldDescription): string {
  const text = hostFiles(hostPart(description)).files.get('/etc/kubernetes/admin.conf')?.content ?? '';
  return Buffer.from(/client-certificate-data: (\S+)/.exec(text)?.[1] ?? '', 'base64').toString();
}

function clientPem(
  ca: TestAuthority,
  commonName: string,
  ends: string,
  usages: readonly string[] = ['clientAuth'],
  organizations: readonly string[] = ['kubeadm:cluster-admins'],
): string {
  return newLeaf(ca, {
    subject: { commonName, organizations },
    extendedKeyUsages: usages,
    notAfter: NOW.getTime() + signedDuration(ends),
    publicKey: RSA_KEY.publicKey,
  });
}

function forger(): TestAuthority {
  return newAuthority('stranger', authority().certificate.notAfter);
}

/** A CA of every described host whose CAs are not said to be otherwise. */
function authority(name: AuthorityName = 'ca'): TestAuthority {
  return newAuthority(name, NOW.getTime() + parseDuration('3000d'));
}

function kubeadmOf({ kubeadm, version = '1.33.13' }: WorldDescription): KubeadmBinary {
  if (kubeadm === 'none') return { version: undefined, problem: 'there is no kubeadm on the host' };
  return { version: parseVersion(kubeadm ?? version), problem: undefined };
}

function consumersOf({ consumers = {} }: WorldDescription): Consumers {
  return {
    copies: Object.entries(consumers.copies ?? {}).map(([path, ends]) => ({
      path,
      user: path.endsWith('.crt') ? undefined : 'kubernetes-admin',
      holding: holdingOf(clientPem(authority(), 'kubernetes-admin', ends)),
    })),
    users: Object.entries(consumers.users ?? {}).map(([path, kind]) => {
      const uses = consumers.uses?.[path];
      return { path, kind, ...(uses && { uses }) };
    }),
  };
}

function databasePart(
  { etcd_database: members }: WorldDescription,
  { path, blockSize, block, count }: FilePart,
): string {
  if (!members || path !== '/var/lib/etcd/member/snap/db') return '';
  const stored = Object.entries(members).map(([name, said]) => {
    const [address, kind] = said.split(' ');
    return {
      name,
      peerUrl: `https://${address}:2380`,
      clientUrl: `https://${address}:2379`,
      isLearner: kind === 'learner',
    };
  });
  return etcdDatabase(stored)
    .subarray(block * blockSize, (block + count) * blockSize)
    .toString('hex');
}

/** A member that votes and is connected to as many others as it knows. */
function etcdMemberOf({ etcd_member: said = {} }: WorldDescription): EtcdMember {
  const { id, to, leader = false, learner = false, others, met = 0, connected = others ?? met, tried = [] } = said;
  const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `member-${index}`);
  return {
    state: 'answered',
    id,
    isLeader: leader,
    isLearner: learner,
    others: others === undefined ? undefined : ids(others),
    met: ids(met),
    connected: to ?? ids(connected),
    tried: [...(to ?? ids(connected)), ...tried],
  };
}

function nodesOf({ node_state: state = 'Ready', ...description }: WorldDescription, host: KubeadmHost): Nodes {
  if (state === 'no answer') return { state, reason: description.api_says ?? 'connection refused' };
  if (state === 'cannot ask') return { state, reason: description.api_says ?? 'there is no kubectl on the host' };
  const { nodes: others = {}, role, version = '1.33.13' } = description;
  const name = state === 'unknown' ? 'another' : (host.nodeName ?? 'nobody');
  const node = (of: string, status: string, isMaster: boolean): Node => ({
    name: of,
    status,
    ready: status.split(',')[0] === 'Ready',
    isMaster,
    version: `v${version}`,
  });
  return {
    state: 'answered',
    nodes: [
      node(name, state, role !== 'worker'),
      ...Object.entries(others).map(([of, said]) => node(of, said.split(' ')[0] ?? '', said.includes('master'))),
    ],
  };
}

function fileStatesOf(
  description: WorldDescription,
  host: KubeadmHost,
  paths: readonly string[],
): ReadonlyMap<string, FileState> {
  const known = new Map(
    backupItems(host, homesOf(description, ['root', 'ops'])).map(({ file, source }) => [source, file]),
  );
  for (const [path, file] of [...known])
    if (file.link !== undefined) known.set(linkedPath(path, file.link), { ...file, path: linkedPath(path, file.link) });
  for (const path of Object.keys(description.texts ?? {})) known.set(path, somethingAt(path));
  return new Map(paths.flatMap((path) => (known.has(path) ? [[path, known.get(path) as FileState]] : [])));
}

function remoteFileOf({ texts = {} }: WorldDescription, path: string): RemoteFile {
  const said = texts[path] ?? (path.includes('/manifests/') ? `text of ${path}` : undefined);
  if (said === undefined)
    return {
      kind: 'absent',
      place: path,
      sha256: undefined,
      content: undefined,
      mode: undefined,
      owner: undefined,
      group: undefined,
    };
  const { content, ...more } = typeof said === 'string' ? { content: said } : said;
  return {
    kind: 'file',
    place: path,
    content,
    sha256: content === undefined ? 'of a large file' : digest(content),
    mode: '0644',
    owner: { name: 'root', id: '0' },
    group: { name: 'root', id: '0' },
    ...more,
  };
}

function serviceOf({ services = {} }: WorldDescription, name: string): ServiceState {
  const said = services[name];
  return {
    ...(services['systemd'] !== undefined && { problem: services['systemd'] }),
    exists: said !== undefined,
    running: said?.includes('running') ?? false,
    enabled: said?.includes('enabled') ?? false,
    ...(said?.includes('job') && { isJob: true }),
    ...(said?.includes('static') && { enabled: true, isFixed: true }),
    ...(said?.includes('indirect') && { isIndirect: true }),
    ...(said?.includes('stopping') && { isStopping: true }),
    ...(said?.includes('masked') && { isMasked: true }),
    ...(said?.includes('broken') && { loadError: `Unit ${name}.service has a bad unit file setting.` }),
  };
}

function somethingAt(path: string): FileState {
  return { path, mode: '0600', uid: 0, gid: 0, size: 1, modifiedAt: SECONDS, sha256: digest(path) };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
