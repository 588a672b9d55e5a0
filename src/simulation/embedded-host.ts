import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import type { CredentialName } from '../kubeadm/table.ts';
import { formatVersion } from '../kubeadm/version.ts';
import type { ClusterAuthorities } from './authorities.ts';
import type { ComponentContext } from './components/component.ts';
import { ConnectionFaults } from './connection-faults.ts';
import type { Credentials } from './credentials.ts';
import { damageLeaves } from './damage.ts';
import type { HostFiles } from './host-files.ts';
import { leaveInterruptedRun } from './interrupted-run.ts';
import { Kubelet, type KubeletOptions } from './kubelet.ts';
import type { HostNetwork } from './network.ts';
import { ProcessTable } from './process-table.ts';
import { type HostProfile, INSTALLED_MS } from './profile.ts';
import { ProgramCalls } from './program-calls.ts';
import { runProgram } from './programs/run-program.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';
import { SshServer } from './ssh-server.ts';
import { STAND_IN_DIRECTORY, type StandInRuntime, writeStandIns } from './stand-ins.ts';
import { systemctl } from './systemctl.ts';
import { credentialNames, writeTree } from './tree.ts';
import { conditionOf, leafState, type TreeState } from './tree-state.ts';

/** The parts of an embedded host. */
export interface HostParts {
  readonly credentials: Credentials;
  readonly state: TreeState;
  readonly serviceAccount: ClusterAuthorities['serviceAccount'];
  readonly context: ComponentContext;
  readonly runtime: StandInRuntime & {
    /** PATH of the programs that the host shares with this machine. */
    readonly path: string;
  };
  readonly kubelet: KubeletOptions;
  /** In the format of authorized_keys; allows logins as root and ops. */
  readonly publicKey: string;
}

/**
 * A host that lives in this process: a directory for its files, an SSH server whose sessions are a real sh, and servers that
 * behave like a control plane with the certificates in the directory.
 */
export class EmbeddedHost {
  readonly profile: HostProfile;
  readonly kubelet: Kubelet;
  /** Faults of connections to it. */
  readonly connections: ConnectionFaults;
  readonly #files: HostFiles;
  readonly #network: HostNetwork;
  readonly #ssh: SshServer;
  readonly #calls: ProgramCalls;

  private constructor(parts: HostParts, kubelet: Kubelet, ssh: SshServer, calls: ProgramCalls) {
    this.profile = parts.context.host;
    this.kubelet = kubelet;
    this.connections = new ConnectionFaults(ssh);
    this.#files = parts.context.files;
    this.#network = parts.context.network;
    this.#ssh = ssh;
    this.#calls = calls;
  }

  /** Writes its files, starts its processes, and opens its SSH server. */
  static async start(parts: HostParts): Promise<EmbeddedHost> {
    const { context, state } = parts;
    const { files, fleet, network, host } = context;
    const processes = new ProcessTable(files, context.clock());
    const kubelet = new Kubelet(context, processes, parts.kubelet);
    const calls = await ProgramCalls.start(`${files.root}.calls`, (name, call) =>
      runProgram(name, {
        ...call,
        root: files.root,
        now: context.clock(),
        host: {
          resolve: (address, port) => fleet.resolve(network, address, port),
          systemctl: (asked) => systemctl(kubelet, asked),
        },
      }),
    );
    try {
      writeStandIns(parts, calls);
      await applyTreeState(parts, kubelet, processes);
      if (state.readOnly) files.setMode('/etc/kubernetes', 0o555);
      const ssh = await SshServer.start(sshOptions(parts));
      return new EmbeddedHost(parts, kubelet, ssh, calls);
    } catch (error) {
      calls.close();
      await kubelet.shutDown();
      throw new Error(`the simulated host ${host.name} could not be started`, { cause: error });
    }
  }

  get name(): string {
    return this.profile.name;
  }

  /** The directory that stands for its `/`. */
  get root(): string {
    return this.#files.root;
  }

  /** The port of its sshd on 127.0.0.1. */
  get sshPort(): number {
    return this.#ssh.port;
  }

  /** In the format of known_hosts, without the names. */
  get hostKey(): string {
    return this.#ssh.hostKey;
  }

  /** The port of 127.0.0.1 behind one of its own addresses and ports; undefined if nothing listens. */
  localPort(address: string, port: number): number | undefined {
    return this.#network.localPort(address, port);
  }

  /** Forwards a port of the host to another one, as a load balancer would. */
  forward(port: number, to: number): void {
    const { address } = this.#network;
    this.#network.open(address, port, this.#network.localPort(address, to) ?? 0);
  }

  /** Reads one of its files. @throws {Error} if it does not exist */
  read(path: string): string {
    return this.#files.read(path);
  }

  snapshot(): Snapshot {
    return snapshotOf(this.root);
  }

  /** Ends everything that runs on it at once; nothing answers any more. Its files stay. */
  async powerOff(): Promise<void> {
    this.#calls.close();
    await Promise.all([this.#ssh.close(), this.kubelet.shutDown()]);
  }

  /** Also allows its files to be removed. */
  async discard(): Promise<void> {
    await this.powerOff();
    this.#files.setMode('/etc/kubernetes', 0o755);
  }
}

/** Puts the host into its state, with its pods started at the time given there. */
async function applyTreeState(parts: HostParts, kubelet: Kubelet, processes: ProcessTable): Promise<void> {
  const { credentials, state, serviceAccount, context } = parts;
  const { files, clock } = context;
  const names = credentialNames(state, context.host);
  const podsFirst = (state.podsStarted ?? 'before') === 'before' && !state.rebooted;
  await writeTree(credentials, state, serviceAccount);
  // A process besides the control plane, which has to survive.
  processes.start({ words: ['/coredns', '-conf', '/etc/coredns/Corefile'], pod: randomUUID() }, processes.bootedAt);
  if (podsFirst) await kubelet.startOldPods();
  await damageLeaves(credentials, state, names);
  for (const path of ['/etc', '/var', '/root', '/home']) files.age(path, new Date(clock().getTime() - INSTALLED_MS));
  if (!podsFirst && !state.rebooted) await kubelet.startOldPods();
  await kubelet.start(processes.bootedAt);
  await renewWithoutRestart(credentials, state, names);
  await leaveInterruptedRun(credentials, state, names);
}

async function renewWithoutRestart(
  credentials: Credentials,
  state: TreeState,
  names: readonly CredentialName[],
): Promise<void> {
  for (const name of names.filter((candidate) => conditionOf(state, candidate) === 'not-loaded')) {
    credentials.write(name, await credentials.issue(name, { ...leafState(state, name), condition: 'valid' }));
  }
}

function sshOptions({ context, state, runtime, publicKey }: HostParts): Parameters<typeof SshServer.start>[0] {
  const { files, fleet, network } = context;
  return {
    users: { root: { publicKeys: [publicKey] }, ops: { publicKeys: [publicKey] } },
    shell: loginShell(files, state),
    environment: {
      PATH: `${files.at(STAND_IN_DIRECTORY)}:${runtime.path}`,
      HOME: files.at('/root'),
      LANG: 'C.UTF-8',
      TZ: 'UTC',
    },
    directory: files.root,
    resolve: (address, port) => {
      const localPort = fleet.resolve(network, address, port);
      return localPort === undefined ? undefined : { port: localPort };
    },
    ...(state.banner !== undefined && { banner: state.banner }),
  };
}

/** Root can write everything unless it lacks this capability. */
const WITHOUT_OVERRIDE = ['setpriv', '--bounding-set', '-dac_override'] as const;

function loginShell(files: HostFiles, { noisyProfile, readOnly }: TreeState): readonly [string, ...string[]] {
  const shell = noisyProfile ? files.at(`${STAND_IN_DIRECTORY}/noisy-shell`) : '/bin/sh';
  return readOnly && statSync(files.root).uid === 0 ? [...WITHOUT_OVERRIDE, shell] : [shell];
}

/** The host's node, as shown to the cluster. */
export function nodeOf({ profile, kubelet }: EmbeddedHost) {
  return {
    name: profile.name,
    isMaster: profile.role === 'master',
    isReady: kubelet.isReady,
    version: formatVersion(profile.cluster.version),
  };
}
