/** The outcome of an expression that has no value: an error wherever a value is needed, save for `default` and `is defined`. */
export class Undefined {
  /** Why there is none: `'x' is undefined`. */
  readonly reason: string;
  readonly #hint: (() => string | undefined) | undefined;

  /** The hint is worked out only when it is shown. */
  constructor(reason: string, hint?: () => string | undefined) {
    this.reason = reason;
    this.#hint = hint;
  }

  get hint(): string | undefined {
    return this.#hint?.();
  }
}
