import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthorityName } from '../kubeadm/table.ts';
import { parseVersion } from '../kubeadm/version.ts';
import type { KeyAlgorithm } from '../pki/public-key.ts';
import { type AuthorityTerms, type ClusterAuthorities, makeAuthorities, makeForeignAuthority } from './authorities.ts';
import type { ClusterMembers } from './components/component.ts';
import { Credentials } from './credentials.ts';
import { EmbeddedHost, type HostParts, nodeOf } from './embedded-host.ts';
import { HostFiles } from './host-files.ts';
import { inventoryText } from './inventory-text.ts';
import { FleetNetwork, HostNetwork } from './network.ts';
import { type ClusterProfile, type HostProfile, PORTS } from './profile.ts';
import { makeSshKey } from './ssh-key.ts';
import type { TreeState } from './tree-state.ts';

/** What a fleet needs from its process. */
export type FleetRuntime = HostParts['runtime'] & {
  /** The fleet creates a private directory in it. */
  readonly directory: string;
  readonly clock: () => Date;
};

export interface FleetOptions {
  readonly runtime: FleetRuntime;
  /** Also the prefix of its hosts' names; default `demo`. */
  readonly clusterName?: string;
  /**
   * The first three octets of its hosts' addresses; default `10.20.0`. Fleets with the same network are isolated from each
   * other.
   */
  readonly network?: string;
  /** Default 1. */
  readonly masters?: number;
  /** The initial state of each master, by its index; default healthy. */
  readonly stateOf?: (index: number) => TreeState;
  /** Default none. */
  readonly workers?: number;
  /** The initial state of each worker, by its index; default healthy. */
  readonly workerStateOf?: (index: number) => TreeState;
  /** Default `v1.33.13`. */
  readonly kubernetesVersion?: string;
  /** For CAs, and for leaves without another one; default ECDSA-P256, because RSA keys take longer. */
  readonly keyAlgorithm?: KeyAlgorithm;
  /** Until the CAs expire; negative if they have. Default seven years. */
  readonly authorityDaysLeft?: number;
  /** The login user in the inventory; default `root`. */
  readonly user?: 'root' | 'ops';
  /** Clients reach its API at a virtual address, as with several masters. */
  readonly behindBalancer?: boolean;
  /** How long starting a container takes; default 20 ms. */
  readonly containerStartMs?: number;
}

const DEFAULT_VERSION = 'v1.33.13';
const SEVEN_YEARS_IN_DAYS = 7 * 365;
const DEFAULT_NETWORK = '10.20.0';
const FIRST_ADDRESSES = { master: 11, worker: 101 } as const;

/**
 * Starts a kubeadm cluster whose hosts live in this process, each in the requested state.
 * @throws {Error} if it cannot be started; nothing is left behind then
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { runtime } = options;
  const directory = realpathSync(mkdtempSync(join(runtime.directory, 'kplay-fleet-')));
  const hosts: EmbeddedHost[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(hosts.map((host) => host.discard()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const { publicKey, privateKey } = await makeSshKey();
    const keyFile = join(directory, 'id_ed25519');
    writeFileSync(keyFile, privateKey, { mode: 0o600 });
    for (const parts of await planHosts(options, directory, publicKey, hosts))
      hosts.push(await EmbeddedHost.start(parts));
    const knownHostsFile = join(directory, 'known_hosts');
    writeFileSync(knownHostsFile, hosts.map(({ sshPort, hostKey }) => `[127.0.0.1]:${sshPort} ${hostKey}\n`).join(''));
    const cluster = clusterName(options);
    const inventory = inventoryText(hosts, { cluster, user: options.user ?? 'root', keyFile, knownHostsFile });
    const inventoryFile = join(directory, 'inventory.yml');
    writeFileSync(inventoryFile, inventory);
    return { directory, hosts, inventory, inventoryFile, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A running fleet, which has to be closed. */
export interface Fleet {
  /** The private directory with all of its files. */
  readonly directory: string;
  readonly hosts: readonly EmbeddedHost[];
  /** An Ansible inventory, in YAML. */
  readonly inventory: string;
  /** The path of its inventory file. */
  readonly inventoryFile: string;
  /** Ends everything that it has started and removes its directory. */
  close(): Promise<void>;
}

async function planHosts(
  options: FleetOptions,
  directory: string,
  publicKey: string,
  hosts: readonly EmbeddedHost[],
): Promise<readonly HostParts[]> {
  const { runtime, masters = 1, workers = 0, containerStartMs = 20 } = options;
  const cluster = clusterProfile(options, masters);
  const profilesOf = (role: HostProfile['role'], length: number): readonly HostProfile[] =>
    Array.from({ length }, (_, index) => hostProfile(options, cluster, role, index));
  const masterProfiles = profilesOf('master', masters);
  const terms: AuthorityTerms = {
    keyAlgorithm: cluster.keyAlgorithm,
    now: runtime.clock(),
    daysLeft: options.authorityDaysLeft ?? SEVEN_YEARS_IN_DAYS,
  };
  const shared = await makeAuthorities(terms);
  const fleet = new FleetNetwork(virtualAddress(options));
  const members: ClusterMembers = {
    addresses: masterProfiles.map(({ address }) => address),
    tokens: new Map(),
    nodes: () => hosts.map(nodeOf),
    leader: (component) => hosts.find(({ kubelet }) => kubelet.running.includes(component))?.name,
  };
  return Promise.all(
    [...masterProfiles, ...profilesOf('worker', workers)].map(async (host): Promise<HostParts> => {
      const state = stateOf(options, host);
      const files = new HostFiles(join(directory, host.name));
      files.makeDirectory('/');
      const network = new HostNetwork(host.address);
      fleet.add(network);
      const authorities = await authoritiesOf(shared, state, terms);
      const { clock } = runtime;
      return {
        credentials: new Credentials(files, host, authorities, terms, state),
        state,
        serviceAccount: shared.serviceAccount,
        context: {
          host,
          files,
          network,
          fleet,
          members,
          clock,
          oldTls: state.oldTls ?? false,
          ...(state.etcdAlarm !== undefined && { etcdAlarm: state.etcdAlarm }),
          etcdLearner: state.etcdLearner ?? false,
        },
        runtime,
        kubelet: { containerStartMs },
        publicKey,
      };
    }),
  );
}

function stateOf(options: FleetOptions, { role, index }: HostProfile): TreeState {
  const state = role === 'master' ? options.stateOf : options.workerStateOf;
  return state?.(index) ?? {};
}

async function authoritiesOf(
  shared: ClusterAuthorities,
  { ownAuthorities = [] }: TreeState,
  terms: AuthorityTerms,
): Promise<Credentials['authorities']> {
  const own = async (name: AuthorityName) =>
    ownAuthorities.includes(name) ? makeForeignAuthority(name, terms) : shared.of[name];
  return { ca: await own('ca'), 'etcd-ca': await own('etcd-ca'), 'front-proxy-ca': await own('front-proxy-ca') };
}

function clusterName({ clusterName: name = 'demo' }: FleetOptions): string {
  return name;
}

function clusterProfile(options: FleetOptions, masters: number): ClusterProfile {
  const version = parseVersion(options.kubernetesVersion ?? DEFAULT_VERSION);
  if (!version) throw new RangeError(`'${options.kubernetesVersion}' is no version of Kubernetes`);
  return {
    name: clusterName(options),
    version,
    masters: Array.from({ length: masters }, (_, index) => ({
      name: hostName(clusterName(options), 'master', index),
      address: addressOf(options, 'master', index),
    })),
    endpoint: {
      address: masters > 1 || options.behindBalancer ? virtualAddress(options) : addressOf(options, 'master', 0),
      port: PORTS.api,
    },
    keyAlgorithm: options.keyAlgorithm ?? 'ECDSA-P256',
  };
}

function hostProfile(
  options: FleetOptions,
  cluster: ClusterProfile,
  role: HostProfile['role'],
  index: number,
): HostProfile {
  return {
    name: hostName(cluster.name, role, index),
    role,
    index,
    address: addressOf(options, role, index),
    cluster,
  };
}

function hostName(cluster: string, role: HostProfile['role'], index: number): string {
  return `${cluster}-${role.charAt(0)}${index + 1}`;
}

function addressOf({ network = DEFAULT_NETWORK }: FleetOptions, role: HostProfile['role'], index: number): string {
  return `${network}.${FIRST_ADDRESSES[role] + index}`;
}

/** The virtual address of several masters. */
function virtualAddress({ network = DEFAULT_NETWORK }: FleetOptions): string {
  return `${network}.10`;
}
