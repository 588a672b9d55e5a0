import { StepFailure } from '../../core/step.ts';
import type { CallLimit } from '../program/call-limit.ts';

/** A call exceeded the time limit of its task (`timeout`, `async`). */
export class TimeLimitFailure extends StepFailure {
  readonly limit: CallLimit;

  /** The messages are those of ansible-core 2.19. */
  constructor(limit: CallLimit) {
    const { seconds, by } = limit;
    super(
      'command-timeout',
      by === 'timeout'
        ? `Task failed: Timed out after ${seconds} second(s).`
        : `async task did not complete within the requested time - ${seconds}s`,
      { remedy: `give the task a longer ${by}, or find out why it takes so long` },
    );
    this.limit = limit;
  }
}

/** The time limit of a call. */
export class TimeLimit {
  readonly #limit: CallLimit;
  readonly #end: number;
  readonly #clock: () => Date;

  /** Starts now. */
  constructor(limit: CallLimit, clock: () => Date) {
    this.#limit = limit;
    this.#clock = clock;
    this.#end = clock().getTime() + limit.seconds * 1_000;
  }

  /** The milliseconds left; at least 1, so that a script started at the last moment is ended at once. */
  get leftMs(): number {
    return Math.max(1, this.#end - this.#clock().getTime());
  }

  get isOver(): boolean {
    return this.#clock().getTime() >= this.#end;
  }

  failure(): TimeLimitFailure {
    return new TimeLimitFailure(this.#limit);
  }
}
