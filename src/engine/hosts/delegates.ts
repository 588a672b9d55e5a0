import type { ReadSession } from '../../core/session.ts';
import type { HostSessions } from './host-sessions.ts';
import type { HostState } from './host-state.ts';

/** What is known of a host to which tasks are delegated. `lost`: it cannot be reached. Undefined: nobody has connected to it yet. */
export type DelegateState = HostState | 'lost' | undefined;

/** How plans find the hosts to which tasks are delegated. */
export interface DelegateStates {
  find(name: string): DelegateState;
}

/** How delegates are connected, and what is known of them before that. */
export interface DelegateTools<Session extends ReadSession> {
  /** Connects to a host; undefined when it cannot be reached, which has then been reported. */
  readonly connect: (name: string) => Promise<HostSessions<Session> | undefined>;
  readonly unseen: (name: string) => HostState;
}

/** Hosts outside the play to which its tasks are delegated (`delegate_to`): connected when a plan first names them. */
export class Delegates<Session extends ReadSession> implements DelegateStates {
  readonly #tools: DelegateTools<Session>;
  readonly #states = new Map<string, HostState | 'lost'>();
  readonly #sessions = new Map<string, HostSessions<Session>>();

  constructor(tools: DelegateTools<Session>) {
    this.#tools = tools;
  }

  find(name: string): DelegateState {
    return this.#states.get(name);
  }

  sessionsOf(name: string): HostSessions<Session> | undefined {
    return this.#sessions.get(name);
  }

  see(name: string, state: HostState | 'lost'): void {
    this.#states.set(name, state);
  }

  /** Connects to those of these hosts that are not connected yet. */
  async connect(names: Iterable<string>): Promise<void> {
    for (const name of names) {
      if (this.#states.has(name)) continue;
      const sessions = await this.#tools.connect(name);
      if (sessions) this.#sessions.set(name, sessions);
      this.#states.set(name, sessions ? this.#tools.unseen(name) : 'lost');
    }
  }
}
