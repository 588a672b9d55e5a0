import type { ReadSession } from '../../core/session.ts';
import type { HostSessions } from './host-sessions.ts';
import type { HostState } from './host-state.ts';

/** The state of a host that tasks are delegated to. `lost`: it is unreachable. Undefined: not connected yet. */
export type DelegateState = HostState | 'lost' | undefined;

/** Looks up the states of delegates for plans. */
export interface DelegateStates {
  find(name: string): DelegateState;
}

/** How delegates are connected, and their initial states. */
export interface DelegateTools<Session extends ReadSession> {
  /** Connects to a host; undefined if it is unreachable, which has then been reported. */
  readonly connect: (name: string) => Promise<HostSessions<Session> | undefined>;
  readonly initialState: (name: string) => HostState;
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

  update(name: string, state: HostState | 'lost'): void {
    this.#states.set(name, state);
  }

  /** Connects to those of these hosts that are not connected yet. */
  async connect(names: Iterable<string>): Promise<void> {
    for (const name of names) {
      if (this.#states.has(name)) continue;
      const sessions = await this.#tools.connect(name);
      if (sessions) this.#sessions.set(name, sessions);
      this.#states.set(name, sessions ? this.#tools.initialState(name) : 'lost');
    }
  }
}
