import type { BecomeChoice, ReadSession } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';

/** From most to least privileges. */
const BY_RIGHTS: readonly BecomeChoice[] = [true, undefined, false];

/** The sessions to one host that the tasks of a play need: one per value of `become` among them, usually a single one. */
export class HostSessions<Session extends ReadSession> {
  readonly host: string;
  readonly #sessions: ReadonlyMap<BecomeChoice, Session>;

  constructor(host: string, sessions: ReadonlyMap<BecomeChoice, Session>) {
    this.host = host;
    this.#sessions = sessions;
  }

  /**
   * The session for tasks with this `become`.
   * @throws {StepFailure} when there is none, because the task was included after the host had been connected
   */
  as(become: BecomeChoice): Session {
    const session = this.#sessions.get(become);
    if (session) return session;
    throw new StepFailure(
      'become-unknown',
      `become: ${become ?? 'as the host says'} was not known when ${this.host} was connected, because the include was decided in the run`,
      { remedy: 'set become on the play instead of in tasks of a templated include' },
    );
  }

  /** The same, with another session in the place of each. */
  map(change: (session: Session) => Session): HostSessions<Session> {
    return new HostSessions(this.host, new Map([...this.#sessions].map(([become, one]) => [become, change(one)])));
  }

  /** Ends their shells on the host. No session can be used afterwards. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.close()));
  }

  /** The session with the most privileges, for what concerns the host as a whole, such as its lock. */
  get strongest(): Session {
    return this.as(strongest([...this.#sessions.keys()]));
  }
}

/** The value of `become` with the most privileges. */
export function strongest(values: readonly BecomeChoice[]): BecomeChoice {
  return BY_RIGHTS.find((way) => values.includes(way));
}
