/** What a host has been asked and has not answered yet, on one connection: it answers, or not in time, or is lost. */
export class PendingAnswers {
  readonly #patienceMs: number;
  /** One end of the connection ends all of them, so none of them listens to it by itself: a connection dials thousands of times. */
  readonly #losing = new Set<(lost: Error) => void>();
  #lost: Error | undefined;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** How many are waited for. */
  get size(): number {
    return this.#losing.size;
  }

  /**
   * The answer, if it comes: a host may answer keep-alives and nothing else.
   * @param late what becomes of one that comes when nobody waits for it any more
   */
  wait<T>(answer: Promise<T>, late: (value: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        clearTimeout(timer);
        this.#losing.delete(fail);
        reject(error);
        answer.then(late, () => undefined);
      };
      const timer = setTimeout(
        () => fail(new Error(`the host does not answer within ${this.#patienceMs / 1_000} s`)),
        this.#patienceMs,
      );
      this.#losing.add(fail);
      if (this.#lost) return fail(this.#lost);
      const end = (): void => {
        clearTimeout(timer);
        this.#losing.delete(fail);
      };
      answer.then(
        (value) => {
          if (!this.#losing.has(fail)) return;
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

  /** The connection has ended: nothing will be answered any more. */
  lose(reason: string): void {
    this.#lost = new Error(reason);
    for (const fail of this.#losing) fail(this.#lost);
  }
}
