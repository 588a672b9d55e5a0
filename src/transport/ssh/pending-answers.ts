/**
 * Requests of a connection that the host has not answered yet: each ends with an answer, a timeout or the end of the
 * connection.
 */
export class PendingAnswers {
  readonly #timeoutMs: number;
  /**
   * Rejected together at the end of the connection, so that they need no listeners of their own: a connection dials thousands
   * of times.
   */
  readonly #pending = new Set<(lost: Error) => void>();
  #lost: Error | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** The number of pending answers. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * The answer, with a timeout: a host may answer keep-alives and nothing else.
   * @param discard disposes of an answer that comes too late
   */
  wait<T>(answer: Promise<T>, discard: (value: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        clearTimeout(timer);
        this.#pending.delete(fail);
        reject(error);
        answer.then(discard, () => undefined);
      };
      const timer = setTimeout(
        () => fail(new Error(`the host does not answer within ${this.#timeoutMs / 1_000} s`)),
        this.#timeoutMs,
      );
      this.#pending.add(fail);
      if (this.#lost) return fail(this.#lost);
      const end = (): void => {
        clearTimeout(timer);
        this.#pending.delete(fail);
      };
      answer.then(
        (value) => {
          if (!this.#pending.has(fail)) return;
          end();
          resolve(value);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
  }

  /** The connection has ended: pending and future answers fail. */
  failAll(reason: string): void {
    this.#lost = new Error(reason);
    for (const fail of this.#pending) fail(this.#lost);
  }
}
