import { InputError } from '../../core/diagnostic.ts';
import { formatDuration } from '../../core/duration.ts';
import type { EventSink } from '../../core/events/event.ts';
import type { EngineAddress } from './address.ts';
import { isRefusal, isServerError, serverProblem } from './connect.ts';

/** Reports that a rollout cannot be queried, once for each reason, and that it can be queried again. */
export class OutageReports {
  readonly #engine: EngineAddress;
  readonly #emit: EventSink;
  readonly #clock: () => Date;
  /** When all queries succeeded last. */
  #answered: number;
  #hasFailed = false;
  readonly #reported = new Set<string>();

  constructor(engine: EngineAddress, emit: EventSink, clock: () => Date) {
    this.#engine = engine;
    this.#emit = emit;
    this.#clock = clock;
    this.#answered = clock().getTime();
  }

  /** A query has failed: the server is unreachable or refuses it, or no worker answers. */
  failed(error: unknown): void {
    this.#hasFailed = true;
    const { message, remedy } = this.#problem(error);
    if (this.#reported.has(message)) return;
    this.#reported.add(message);
    this.#emit({ type: 'warning', hosts: [], message, remedy, engine: 'away' });
  }

  /** All queries have succeeded. */
  ended(): void {
    const before = this.#answered;
    this.#answered = this.#clock().getTime();
    if (!this.#hasFailed) return;
    const took = formatDuration(this.#answered - before);
    this.#hasFailed = false;
    this.#reported.clear();
    this.#emit({
      type: 'warning',
      hosts: [],
      message: `the rollout can be queried again, after ${took}`,
      engine: 'back',
    });
  }

  #problem(error: unknown): { readonly message: string; readonly remedy: string } {
    const [problem] = error instanceof InputError ? error.diagnostics : [];
    if (problem) return { message: problem.message, remedy: problem.hint ?? '' };
    const [diagnostic] = isServerError(error) ? serverProblem(this.#engine, error).diagnostics : [];
    const why = diagnostic?.message ?? (error instanceof Error ? error.message.split('\n')[0] : String(error));
    const advice = isRefusal(error) ? diagnostic?.hint : 'check the server: kplay waits for it, for at most an hour';
    return {
      message: `the rollout cannot be queried: ${why}`,
      remedy: `${advice}; clusters in progress are finished in the meantime`,
    };
  }
}
