import type { ReadSession } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';

/** What a task or its play says of becoming root; undefined leaves it to the host's variables. */
export type Become = boolean | undefined;

/** From the most rights to the least. */
const BY_RIGHTS: readonly Become[] = [true, undefined, false];

/** The sessions to one host that the tasks of a play need: one for each way in which they become root, most often one. */
export class HostSessions<Session extends ReadSession> {
  readonly host: string;
  readonly #sessions: ReadonlyMap<Become, Session>;

  constructor(host: string, sessions: ReadonlyMap<Become, Session>) {
    this.host = host;
    this.#sessions = sessions;
  }

  /** @throws {StepFailure} when nobody knew, as the host was connected, that a task would ask for it: it was included later. */
  as(become: Become): Session {
    const session = this.#sessions.get(become);
    if (session) return session;
    throw new StepFailure(
      'become-unknown',
      `become: ${become ?? 'as the host says'} was not known when ${this.host} was connected: only the run has told that the task is included`,
      [],
      'say become at the play, and not in the tasks that a template names',
    );
  }

  /** Ends their shells on the host. What is asked through them after that is not answered. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.close()));
  }

  /** The one that can most: for what concerns the host as a whole. */
  get strongest(): Session {
    return this.as(strongest([...this.#sessions.keys()]));
  }
}

/** Of several ways to ask the same, the one that is refused least. */
export function strongest(ways: readonly Become[]): Become {
  return BY_RIGHTS.find((way) => ways.includes(way));
}
