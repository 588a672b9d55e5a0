/** The result of an expression without a value: an error wherever a value is needed, except for `default` and `is defined`. */
export class Undefined {
  /** Why it has no value: `'x' is undefined`. */
  readonly reason: string;
  readonly #hint: (() => string | undefined) | undefined;

  /** The hint is computed only when it is shown. */
  constructor(reason: string, hint?: () => string | undefined) {
    this.reason = reason;
    this.#hint = hint;
  }

  get hint(): string | undefined {
    return this.#hint?.();
  }
}
