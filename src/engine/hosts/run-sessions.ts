import type { EventSink } from '../../core/events/event.ts';
import type { Host } from '../../core/host.ts';
import { forEachLimited } from '../../core/limited.ts';
import {
  type BecomeChoice,
  type Connector,
  type OpenOptions,
  type ReadSession,
  sessionKey,
  type WriteSession,
} from '../../core/session.ts';
import { HEARTBEAT } from '../../facts/host/host-lock.ts';
import { reportUnreachableOrRethrow } from './dropout.ts';
import { HostSessions } from './host-sessions.ts';

/** Well below the time after which a host takes a silent run for lost (lost-run). */
const BEAT_MS = 30_000;

/** What connecting needs. */
export interface SessionTools {
  readonly emit: EventSink;
  readonly forks: number;
  readonly clock: () => Date;
  readonly abort: AbortSignal;
}

/** The sessions of a run: one per host and value of `become`, opened when first needed and closed at the end. */
export class RunSessions<Session extends ReadSession> {
  readonly #open: (host: Host, options: OpenOptions) => Promise<Session>;
  readonly #sessions = new Map<string, Session>();
  readonly #forgotten = new Set<string>();

  private constructor(open: (host: Host, options: OpenOptions) => Promise<Session>) {
    this.#open = open;
  }

  /** For plans and checks: these sessions cannot write. */
  static forReading(connector: Connector): RunSessions<ReadSession> {
    return new RunSessions((host, options) => connector.openForReading(host, options));
  }

  static forWriting(connector: Connector): RunSessions<WriteSession> {
    return new RunSessions((host, options) =>
      connector.openForWriting(host, { ...options, beat: { script: HEARTBEAT, everyMs: BEAT_MS } }),
    );
  }

  /**
   * Sessions to all reachable hosts, for every requested value of `become`.
   * @param report reports an unreachable host, and rethrows any other error
   * @throws the reason of the signal
   */
  async connect(
    hosts: readonly Host[],
    ways: readonly BecomeChoice[],
    tools: SessionTools,
    report: (host: string, error: unknown) => void = (host, error) =>
      reportUnreachableOrRethrow(host, error, tools.emit),
  ): Promise<ReadonlyMap<string, HostSessions<Session>>> {
    const connected = new Map<string, HostSessions<Session>>();
    await forEachLimited(hosts, tools.forks, async (host) => {
      tools.abort.throwIfAborted();
      try {
        connected.set(host.name, await this.open(host, ways, tools));
      } catch (error) {
        report(host.name, error);
      }
    });
    return connected;
  }

  /** Sessions to one host. @throws {UnreachableError} */
  async open(
    host: Host,
    ways: readonly BecomeChoice[],
    { clock, emit, abort }: SessionTools,
  ): Promise<HostSessions<Session>> {
    const started = clock().getTime();
    const opened = new Map<BecomeChoice, Session>();
    const isNew = ways.some((become) => !this.#sessions.has(sessionKey(host, become)));
    if (isNew) emit({ type: 'host-connecting', host: host.name });
    for (const become of ways) opened.set(become, await this.#sessionTo(host, become, abort));
    if (isNew) emit({ type: 'host-connected', host: host.name, elapsedMs: clock().getTime() - started });
    return new HostSessions(host.name, opened);
  }

  async #sessionTo(host: Host, become: BecomeChoice, signal: AbortSignal): Promise<Session> {
    const key = sessionKey(host, become);
    const known = this.#sessions.get(key);
    if (known) return known;
    const again = this.#forgotten.has(host.name);
    const session = await this.#open(host, { signal, again, ...(become !== undefined && { become }) });
    this.#forgotten.delete(host.name);
    this.#sessions.set(key, session);
    return session;
  }

  /** Forgets a lost connection: the next use opens a new one. */
  async forget(host: Host): Promise<void> {
    this.#forgotten.add(host.name);
    for (const become of [true, undefined, false]) {
      const key = sessionKey(host, become);
      const session = this.#sessions.get(key);
      this.#sessions.delete(key);
      await session?.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.close()));
    this.#sessions.clear();
  }
}
