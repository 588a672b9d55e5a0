import type { EventSink } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import type { Connector, OpenOptions, ReadSession, WriteSession } from '../core/session.ts';
import { reportUnreachable } from './dropout.ts';
import { forEachLimited } from './limited.ts';

/** The sessions of a run: one for each host and way of becoming root, opened when first needed and closed at the end. */
export class FleetSessions<Session extends ReadSession> {
  readonly #open: (host: Host, options: OpenOptions) => Promise<Session>;
  readonly #sessions = new Map<string, Session>();

  private constructor(open: (host: Host, options: OpenOptions) => Promise<Session>) {
    this.#open = open;
  }

  /** For plans and checks: what they get cannot write. */
  static forReading(connector: Connector): FleetSessions<ReadSession> {
    return new FleetSessions((host, options) => connector.openForReading(host, options));
  }

  static forWriting(connector: Connector): FleetSessions<WriteSession> {
    return new FleetSessions((host, options) => connector.openForWriting(host, options));
  }

  /** Sessions to all hosts that can be reached; the others have been reported. */
  async connect(
    hosts: readonly Host[],
    options: OpenOptions,
    tools: { readonly emit: EventSink; readonly forks: number; readonly clock: () => Date },
  ): Promise<ReadonlyMap<string, Session>> {
    const sessions = new Map<string, Session>();
    await forEachLimited(hosts, tools.forks, async (host) => {
      const started = tools.clock().getTime();
      const key = `${host.name}${options.become === undefined ? '' : `+${options.become}`}`;
      const known = this.#sessions.get(key);
      if (known) {
        sessions.set(host.name, known);
        return;
      }
      try {
        const session = await this.#open(host, options);
        this.#sessions.set(key, session);
        sessions.set(host.name, session);
        tools.emit({ type: 'host-connected', host: host.name, elapsedMs: tools.clock().getTime() - started });
      } catch (error) {
        reportUnreachable(host.name, error, tools.emit);
      }
    });
    return sessions;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.close()));
    this.#sessions.clear();
  }
}
