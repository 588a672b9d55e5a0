import type { Host } from '../core/host.ts';
import type { Connector, OpenOptions, ReadSession, WriteSession } from '../core/session.ts';
import { onAbort } from './abort.ts';
import type { Link } from './link.ts';
import { type EnvironmentVariables, LocalLink } from './local-link.ts';
import type { HostSettings } from './settings/settings.ts';
import { prelude } from './shell/prelude.ts';
import { endDescendantsScript } from './shell/process-tree.ts';
import { HostReader, HostWriter, type SessionParts } from './shell/session.ts';
import { Shell } from './shell/shell.ts';
import { startShell } from './shell/shell-start.ts';
import { HostKeyStore, type Warn } from './ssh/host-keys.ts';
import type { KeyRing } from './ssh/key-ring.ts';
import { SshConnector } from './ssh/ssh-connector.ts';

/** Dependencies of the transports: nothing is read from the process's own environment here. */
export interface ConnectorOptions {
  /** How to reach a host, by `connectionSettings`; `become` comes from the play. */
  readonly settings: (host: Host, become: boolean | undefined) => HostSettings;
  readonly keys: KeyRing;
  /** Path of an SSH agent's socket (SSH_AUTH_SOCK). */
  readonly agentSocket?: string;
  /** For local processes. */
  readonly environment: EnvironmentVariables;
  /** An unguessable word of letters and digits, different each time: at least 128 bits of randomness. */
  readonly token: () => string;
  readonly warn: Warn;
  /** Timeout of one dial; default 3 000. */
  readonly dialTimeoutMs?: number;
  /** Delay between connection attempts; default 1 000. */
  readonly retryDelayMs?: number;
  /** Timeout for starting a shell, including sudo; default 30 000. */
  readonly shellTimeoutMs?: number;
  /** How long the processes of a script may take to end when told to; then the connection is closed. Default 15 000. */
  readonly stopTimeoutMs?: number;
}

/** Opens sessions over SSH and on the controller. A session for reading can only run probes. */
export function createConnector(options: ConnectorOptions): Connector {
  const ssh = new SshConnector({
    keys: options.keys,
    hostKeys: new HostKeyStore(options.warn),
    agentSocket: options.agentSocket,
    retryDelayMs: options.retryDelayMs ?? 1_000,
  });
  const open = async (host: Host, { signal, become, again = false }: OpenOptions = {}): Promise<SessionParts> => {
    const settings = options.settings(host, become);
    signal?.throwIfAborted();
    const link =
      settings.transport === 'ssh'
        ? await ssh.connect(settings, { signal, again })
        : new LocalLink(options.environment);
    const forget = onAbort(signal, () => void link.close());
    try {
      const shell = await openShell(link, settings, options);
      signal?.throwIfAborted();
      return { host: host.name, link, shell, dialTimeoutMs: options.dialTimeoutMs ?? 3_000 };
    } catch (error) {
      await link.close().catch(() => undefined);
      signal?.throwIfAborted();
      throw error;
    } finally {
      forget();
    }
  };
  return {
    openForReading: async (host, opening): Promise<ReadSession> => new HostReader(await open(host, opening)),
    openForWriting: async (host, opening): Promise<WriteSession> =>
      new HostWriter(await open(host, opening), opening?.beat),
  };
}

async function openShell(
  link: Link,
  { host, become, rootfs }: HostSettings,
  { token, shellTimeoutMs: timeoutMs = 30_000, stopTimeoutMs = 15_000 }: ConnectorOptions,
): Promise<Shell> {
  const start = { host, become, token, timeoutMs };
  const { process, pid, readsByteByByte } = await startShell(link, start);
  return new Shell(process, {
    host,
    readsByteByByte,
    token: token(),
    stopTimeoutMs,
    prelude: prelude(rootfs),
    giveUp: () => void link.close(),
    endScript: async () => {
      const second = await startShell(link, start);
      second.process.stdout.resume();
      second.process.stderr.resume();
      second.process.stdin.end(endDescendantsScript(pid));
      await second.process.ended;
    },
  });
}
