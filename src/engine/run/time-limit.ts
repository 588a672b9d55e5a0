import { StepFailure } from '../../core/step.ts';

/** A call has taken longer than its task lets it (`timeout`). */
export class TimeLimitFailure extends StepFailure {
  /** Seconds. */
  readonly period: number;

  /** Says what ansible-core says (2.19). */
  constructor(period: number) {
    super(
      'command-timeout',
      `Task failed: Timed out after ${period} second(s).`,
      [],
      'give the task a longer timeout, or look why it takes so long',
    );
    this.period = period;
  }
}

/** How long a call may take. */
export class TimeLimit {
  readonly #period: number;
  readonly #end: number;
  readonly #clock: () => Date;

  /** Begins now. @param period seconds */
  constructor(period: number, clock: () => Date) {
    this.#period = period;
    this.#clock = clock;
    this.#end = clock().getTime() + period * 1_000;
  }

  /** Milliseconds that are left; never less than 1, so that what is begun at the last moment is ended at once. */
  get leftMs(): number {
    return Math.max(1, this.#end - this.#clock().getTime());
  }

  get isOver(): boolean {
    return this.#clock().getTime() >= this.#end;
  }

  failure(): TimeLimitFailure {
    return new TimeLimitFailure(this.#period);
  }
}
