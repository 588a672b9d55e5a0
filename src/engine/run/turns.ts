/** Lets only so much go on at a time; what has to wait comes to its turn in the order in which it asked. */
export class Turns {
  readonly #waiting: { readonly limit: number; readonly begin: () => void }[] = [];
  #running = 0;

  /** Does the work as soon as fewer than `limit` are going on. */
  async take<T>(limit: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || this.#running >= limit)
      await new Promise<void>((begin) => this.#waiting.push({ limit, begin }));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #next(): void {
    for (let [first] = this.#waiting; first && this.#running < first.limit; [first] = this.#waiting) {
      this.#waiting.shift();
      this.#running += 1;
      first.begin();
    }
  }
}
