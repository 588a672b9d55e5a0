/** Limits how many things run at a time; the others wait in the order in which they asked. */
export class Turns {
  readonly #waiting: { readonly limit: number; readonly begin: () => void }[] = [];
  #running = 0;

  /** Does the work as soon as fewer than `limit` others are running. */
  async run<T>(limit: number, work: () => Promise<T>): Promise<T> {
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
