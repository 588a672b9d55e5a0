import type { Connector, WriteSession } from '../../../src/core/session.ts';

/** What is thrown by nobody but a bug. */
export class Fault extends TypeError {}

/** Counts the awaits of a run, and throws at those that are chosen, before or after they have had their effect. */
export class FaultPlan {
  readonly #at: ReadonlySet<number>;
  readonly #when: 'before' | 'after';
  #count = 0;

  constructor(at: readonly number[], when: 'before' | 'after') {
    this.#at = new Set(at);
    this.#when = when;
  }

  /** How many there were so far. */
  get count(): number {
    return this.#count;
  }

  async around<T>(work: () => Promise<T>): Promise<T> {
    const isChosen = this.#at.has(this.#count);
    this.#count += 1;
    if (isChosen && this.#when === 'before') throw new Fault('thrown before');
    const value = await work();
    if (isChosen) throw new Fault('thrown after');
    return value;
  }

  /** For what is not awaited. */
  at(): void {
    const isChosen = this.#at.has(this.#count);
    this.#count += 1;
    if (isChosen) throw new Fault('thrown here');
  }
}

/** Sessions whose every call is an await of the plan. */
export function faultyConnector(connector: Connector, faults: FaultPlan): Connector {
  return {
    openForReading: (host, options) => connector.openForReading(host, options),
    openForWriting: async (host, options): Promise<WriteSession> => {
      const session = await faults.around(() => connector.openForWriting(host, options));
      return {
        host: session.host,
        observe: (probes, more) => faults.around(() => session.observe(probes, more)),
        run: (script, more) => faults.around(() => session.run(script, more)),
        close: () => faults.around(() => session.close()),
      };
    },
  };
}
