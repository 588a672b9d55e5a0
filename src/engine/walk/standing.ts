import { type Hosts, without } from './frame.ts';
import type { Verdict } from './request.ts';

/** Which hosts of a batch can still be asked anything, and what has become of the others. */
export class Standing {
  /** All that the batch began with. */
  readonly names: readonly string[];
  readonly #alive: Set<string>;
  /** Those that have failed, and whose failure is not final yet. */
  readonly #failing = new Set<string>();
  /** Those that have failed, or were lost or refused, for good. */
  readonly #lost = new Map<string, Verdict>();

  constructor(hosts: readonly string[]) {
    this.names = hosts;
    this.#alive = new Set(hosts);
  }

  get alive(): Hosts {
    return new Set(this.#alive);
  }

  get lost(): Hosts {
    return new Set(this.#lost.keys());
  }

  /** Whether the play bears what has been lost. */
  isTolerable(judge: (failed: number, of: number) => boolean): boolean {
    return judge(this.#lost.size, this.names.length);
  }

  still(hosts: Hosts): Hosts {
    return [...hosts].every((host) => this.#alive.has(host))
      ? hosts
      : new Set([...hosts].filter((host) => this.#alive.has(host)));
  }

  lose(host: string, verdict: Verdict): void {
    this.#alive.delete(host);
    if (verdict !== 'cancelled') this.#lost.set(host, verdict);
  }

  /** It has failed, and something around may yet catch it, or is to be done. */
  fail(host: string): void {
    this.#failing.add(host);
  }

  rescue(host: string): void {
    this.#failing.delete(host);
  }

  /** Its failure is final. */
  leave(host: string): void {
    this.#failing.delete(host);
    this.lose(host, 'failed');
  }

  /** It has come to its end, well. */
  end(host: string): void {
    this.#alive.delete(host);
  }

  /** All have, but for those that have failed. */
  endAll(): void {
    for (const host of without(this.#alive, this.#failing)) this.#alive.delete(host);
  }

  /** None goes any further. @returns those that could have */
  cancel(): readonly string[] {
    const rest = [...this.#alive];
    this.#alive.clear();
    return rest;
  }

  /** That hosts have failed, or were lost, counts no longer; they stay out. */
  forgive(): void {
    for (const [host, verdict] of this.#lost) if (verdict !== 'refused') this.#lost.delete(host);
  }

  /** What was lost since then was not, it was only supposed. */
  takeBack(lost: Hosts): void {
    for (const host of without(this.lost, lost)) {
      this.#lost.delete(host);
      this.#alive.add(host);
    }
  }
}
