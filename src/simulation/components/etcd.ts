import { keepsQuorum } from '../../kubeadm/cluster/quorum.ts';
import type { StaticPod } from '../../kubeadm/host/model.ts';
import { readCertificates } from '../../pki/certificate.ts';
import { validityAt } from '../../pki/verify.ts';
import { httpsGet } from '../https-client.ts';
import type { Listeners } from '../listeners.ts';
import { PORTS } from '../profile.ts';
import {
  type ComponentContext,
  dial,
  type LoadedPair,
  listenAll,
  loadFile,
  loadPair,
  type RunningComponent,
  type Startup,
} from './component.ts';

/** etcd lists all members in its metrics since 3.6. */
const FIRST_TO_NAME_MEMBERS = 6;

/** How often a starting member checks whether it has found a quorum. */
const ELECTION_MS = 50;

/**
 * An etcd member: its client port opens once it has found a quorum of members with mutually accepted peer certificates. It is
 * healthy as long as it has that quorum and its own certificates are valid.
 */
export async function startEtcd(
  context: ComponentContext,
  pod: StaticPod,
  { isOld }: Startup,
): Promise<RunningComponent> {
  const member = new Member(context, pod);
  const listeners = await listenAll(context, async (opening) => {
    await member.listenForPeers(opening);
    if (isOld) await member.listenForClients(opening);
  });
  if (!isOld) member.elect(listeners);
  return {
    stop: async () => {
      member.stop();
      await listeners.close();
    },
  };
}

class Member {
  readonly #context: ComponentContext;
  readonly #serving: LoadedPair;
  readonly #peer: LoadedPair;
  readonly #clientAuthority: string;
  readonly #peerAuthority: string;
  readonly #namesMembers: boolean;
  #election: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(context: ComponentContext, pod: StaticPod) {
    this.#context = context;
    this.#serving = loadPair(context, pod, '--cert-file', '--key-file');
    this.#peer = loadPair(context, pod, '--peer-cert-file', '--peer-key-file');
    this.#clientAuthority = loadFile(context, pod, '--trusted-ca-file');
    this.#peerAuthority = loadFile(context, pod, '--peer-trusted-ca-file');
    this.#namesMembers = Number(pod.version?.split('.')[1]) >= FIRST_TO_NAME_MEMBERS;
  }

  async listenForPeers(listeners: Listeners): Promise<void> {
    const { address } = this.#context.host;
    await listeners.https(
      [{ address, port: PORTS.etcdPeer }],
      this.#mutualTls(this.#peer, this.#peerAuthority),
      (_request, response) => response.end('{"etcdserver":"3.5.24"}'),
    );
    await listeners.http([{ address: '127.0.0.1', port: PORTS.etcdMetrics }], (request, response) => {
      if (request.url === '/metrics') return void this.#metrics().then((text) => response.end(text));
      void this.#health().then((reason) => {
        response.statusCode = reason === undefined ? 200 : 503;
        response.end(healthText(reason));
      });
    });
  }

  async listenForClients(listeners: Listeners): Promise<void> {
    const endpoints = ['127.0.0.1', this.#context.host.address].map((address) => ({ address, port: PORTS.etcdClient }));
    await listeners.https(endpoints, this.#mutualTls(this.#serving, this.#clientAuthority), (_request, response) => {
      void this.#hasQuorum().then((hasQuorum) => {
        response.statusCode = hasQuorum ? 200 : 503;
        response.end(healthText(hasQuorum ? undefined : 'NO LEADER'));
      });
    });
  }

  elect(listeners: Listeners): void {
    this.#election = setTimeout(async () => {
      if (await this.#hasQuorum()) {
        if (!this.#isStopped) await this.listenForClients(listeners);
      } else if (!this.#isStopped) this.elect(listeners);
    }, ELECTION_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#election);
  }

  #mutualTls(pair: LoadedPair, authority: string) {
    return {
      ...pair,
      ca: authority,
      requestCert: true,
      rejectUnauthorized: true,
      ...(this.#context.oldTls && { maxVersion: 'TLSv1.2' as const }),
    };
  }

  /** Its problem; undefined if it is healthy. */
  async #health(): Promise<string | undefined> {
    if (this.#context.etcdAlarm !== undefined) return `ALARM ${this.#context.etcdAlarm}`;
    const now = this.#context.clock().getTime();
    for (const { cert } of [this.#serving, this.#peer]) {
      const [certificate] = readCertificates(cert);
      if (!certificate || validityAt(certificate, now) !== 'valid')
        return 'RAFT NO LEADER: its certificate is not valid';
    }
    return (await this.#hasQuorum()) ? undefined : 'RAFT NO LEADER';
  }

  async #hasQuorum(): Promise<boolean> {
    const reached = [...(await this.#others()).values()].filter(Boolean);
    return keepsQuorum(this.#context.members.addresses.length, 1 + reached.length);
  }

  /** The other members, by address, and whether they are reachable. */
  async #others(): Promise<ReadonlyMap<string, boolean>> {
    const { members, host } = this.#context;
    const others = members.addresses.filter((address) => address !== host.address);
    return new Map(await Promise.all(others.map(async (address) => [address, await this.#reaches(address)] as const)));
  }

  /** The metrics about members, with addresses as ids. */
  async #metrics(): Promise<string> {
    const { host, members, etcdLearner } = this.#context;
    const others = await this.#others();
    const gauge = (name: string, remote: string, value: number): string =>
      `etcd_network_${name}{Local="${host.address}",Remote="${remote}"} ${value}\n`;
    return [
      ...[...others].map(([address, isReached]) => gauge('active_peers', address, isReached ? 1 : 0)),
      ...(this.#namesMembers ? members.addresses.map((address) => gauge('known_peers', address, 1)) : []),
      `etcd_server_is_learner ${etcdLearner ? 1 : 0}\n`,
    ].join('');
  }

  async #reaches(address: string): Promise<boolean> {
    const identity = { authority: this.#peerAuthority, certificate: this.#peer.cert, key: this.#peer.key };
    try {
      const { status } = await httpsGet(dial(this.#context, address, PORTS.etcdPeer), address, '/version', identity);
      return status === 200;
    } catch {
      return false;
    }
  }
}

function healthText(reason: string | undefined): string {
  return JSON.stringify({ health: String(reason === undefined), reason: reason ?? '' });
}
