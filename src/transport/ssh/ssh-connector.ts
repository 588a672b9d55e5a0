import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from '../link.ts';
import type { SshDestination, SshSettings } from '../settings/settings.ts';
import { type AgentAccess, Authentication, type Credentials } from './authentication.ts';
import { ConnectError, connectOnce } from './connect-attempt.ts';
import type { SshConnection } from './connection.ts';
import type { HostKeyStore } from './host-keys.ts';
import { type JumpLease, type SharedConnection, SharedJump } from './jump-host.ts';
import type { KeyRing } from './key-ring.ts';
import { SshLink } from './ssh-link.ts';

interface SshConnectorOptions {
  readonly keys: KeyRing;
  readonly hostKeys: HostKeyStore;
  /** Path of an SSH agent's socket. */
  readonly agentSocket: string | undefined;
  readonly retryDelayMs: number;
}

/** How often a connection that is refused or cut before the login is retried. Later failures are never retried. */
const RETRIES = 2;

/** Connects to hosts by SSH, directly or through jump hosts; hosts behind the same jump share its connection. */
export class SshConnector {
  readonly #options: SshConnectorOptions;
  readonly #jumps = new Map<string, SharedJump>();

  constructor(options: SshConnectorOptions) {
    this.#options = options;
  }

  /**
   * @throws {UnreachableError}
   * @throws the reason of the signal
   */
  async connect(settings: SshSettings, opening: Opening): Promise<Link> {
    const { signal } = opening;
    const lease = await this.#jump(settings, settings.jumps, opening);
    try {
      const connection = await this.#attempts(settings, {
        destination: settings.target,
        isJump: false,
        hostKeys: settings.hostKeys,
        identities: settings.identities,
        password: settings.password,
        lease,
        signal,
      });
      return new SshLink(connection, async () => lease?.release());
    } catch (error) {
      await lease?.release();
      throw error;
    }
  }

  /** The connection to the last of a chain of jump hosts, shared by all connections with the same chain and users. */
  async #jump(
    settings: SshSettings,
    chain: readonly SshDestination[],
    { signal, again }: Opening,
  ): Promise<JumpLease | undefined> {
    const last = chain.at(-1);
    if (!last) return undefined;
    const id = JSON.stringify([
      chain,
      settings.jumpIdentities.map(({ path }) => path),
      settings.identitiesOnly,
      settings.jumpHostKeys,
      settings.algorithms,
    ]);
    const existing = this.#jumps.get(id);
    const connect = (abandoned: AbortSignal): Promise<SharedConnection> =>
      this.#connectJump(settings, chain.slice(0, -1), last, { signal: abandoned, again });
    const isUsable = existing && (!existing.isLost || (existing.staysFailed && !again));
    const shared = isUsable ? existing : new SharedJump(connect, settings.connectTimeoutMs);
    this.#jumps.set(id, shared);
    return shared.lease(settings.host, last, signal);
  }

  async #connectJump(
    settings: SshSettings,
    before: readonly SshDestination[],
    jump: SshDestination,
    opening: Opening,
  ): Promise<SharedConnection> {
    const lease = await this.#jump(settings, before, opening);
    try {
      const connection = await this.#attempts(settings, {
        destination: jump,
        isJump: true,
        hostKeys: settings.jumpHostKeys,
        identities: settings.jumpIdentities,
        password: undefined,
        lease,
        signal: opening.signal,
      });
      return { connection, release: async () => lease?.release() };
    } catch (error) {
      await lease?.release();
      throw error;
    }
  }

  async #attempts(settings: SshSettings, hop: Hop): Promise<SshConnection> {
    const { signal } = hop;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#attempt(settings, hop);
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        if (!error.failure.retry || attempt === RETRIES) throw error.failure.error;
        await sleep(this.#options.retryDelayMs, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
      }
    }
  }

  async #attempt(settings: SshSettings, hop: Hop): Promise<SshConnection> {
    const { destination, isJump, hostKeys, lease, signal } = hop;
    const { host, connectTimeoutMs: timeoutMs, keepAlive, algorithms } = settings;
    const hostKey = await this.#options.hostKeys.check(host, destination, hostKeys);
    const authentication = new Authentication(destination.user, this.#credentials(settings, hop));
    const stream = await lease?.dial(destination);
    return connectOnce({
      host,
      destination,
      isJump,
      stream,
      jumpLostBecause: lease?.lostBecause,
      hostKey,
      algorithms,
      authentication,
      timeoutMs,
      keepAlive,
      signal,
    });
  }

  #credentials(settings: SshSettings, { identities, password }: Hop): Credentials {
    return {
      keys: this.#options.keys.keysOf({ identities }),
      keysAreDefaults: identities.every(({ isDefault }) => isDefault),
      password,
      agent: this.#agent(settings, identities),
      sha1: settings.algorithms.sha1UserSignatures,
    };
  }

  #agent({ identitiesOnly: onlyNamed }: SshSettings, identities: Hop['identities']): AgentAccess | undefined {
    const { agentSocket: socket, keys } = this.#options;
    const named = keys.keysForAgent({ identities });
    const files = keys.keysOf({ identities }).map(({ key }) => key.getPublicSSH());
    return socket === undefined || (onlyNamed && named.length === 0) ? undefined : { socket, named, files, onlyNamed };
  }
}

/** How a host is connected. */
interface Opening {
  readonly signal: AbortSignal | undefined;
  /** Jump hosts that failed are tried again. */
  readonly again: boolean;
}

/** A connection on the way to a host. */
interface Hop {
  readonly destination: SshDestination;
  /** Others are behind it. */
  readonly isJump: boolean;
  readonly hostKeys: SshSettings['hostKeys'];
  readonly identities: SshSettings['identities'];
  readonly password: SshSettings['password'];
  /** The previous jump host; absent: connected from the controller. */
  readonly lease: JumpLease | undefined;
  readonly signal: AbortSignal | undefined;
}
