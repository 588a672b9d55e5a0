import { type Hosts, without } from './frame.ts';
import type { Verdict } from './request.ts';

/** Which hosts of a batch are still in the play, and why the others are not. */
export class Standing {
  /** All hosts that the batch began with. */
  readonly names: readonly string[];
  readonly #alive: Set<string>;
  /** Hosts that have failed and may still be rescued, or go through an `always` part: they are alive. */
  readonly #failing = new Set<string>();
  /** Hosts that are out because they failed, were lost or were refused, with the reason. */
  readonly #lost = new Map<string, Verdict>();
  #isHalted = false;

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

  /** Whether the play tolerates the number of hosts that are lost, or that will be when all that fail have come to their end. */
  isTolerable(judge: (failed: number, of: number) => boolean, which?: 'with those that fail'): boolean {
    const failing = which ? without(this.#failing, this.lost).size : 0;
    return judge(this.#lost.size + failing, this.names.length);
  }

  /** Those of the hosts that are still alive. */
  still(hosts: Hosts): Hosts {
    if (this.#isHalted) return new Set();
    return [...hosts].every((host) => this.#alive.has(host))
      ? hosts
      : new Set([...hosts].filter((host) => this.#alive.has(host)));
  }

  lose(host: string, verdict: Verdict): void {
    this.#alive.delete(host);
    if (verdict !== 'cancelled') this.#lost.set(host, verdict);
  }

  /** Notes a failure that is not final yet. */
  fail(host: string): void {
    this.#failing.add(host);
  }

  failingAmong(hosts: Hosts): Hosts {
    return new Set([...hosts].filter((host) => this.#failing.has(host)));
  }

  /** None goes further where they are: they come to what is to be done whatever happens. */
  halt(): void {
    this.#isHalted = true;
  }

  /** They have come to that. @returns whether they were halted */
  goOn(): boolean {
    const were = this.#isHalted;
    this.#isHalted = false;
    return were;
  }

  rescue(host: string): void {
    this.#failing.delete(host);
  }

  /** Makes a failure final. */
  leave(host: string): void {
    this.#failing.delete(host);
    this.lose(host, 'failed');
  }

  /** Takes a host out that has come to its end without failing. */
  end(host: string): void {
    this.#alive.delete(host);
  }

  /** Takes out all hosts but those that have failed: their failure has to become final first. */
  endAll(): void {
    for (const host of without(this.#alive, this.#failing)) this.#alive.delete(host);
  }

  /** Takes out all hosts. @returns those that were still alive */
  cancel(): readonly string[] {
    const rest = [...this.#alive];
    this.#alive.clear();
    return rest;
  }

  /** Forgets that hosts have failed or were lost, so that they no longer count for `isTolerable`; they stay out. */
  forgive(): void {
    for (const [host, verdict] of this.#lost) if (verdict !== 'refused') this.#lost.delete(host);
  }

  /** Brings back the hosts that were lost in a supposition. @param lost those that were lost before it */
  takeBack(lost: Hosts): void {
    for (const host of without(this.lost, lost)) {
      this.#lost.delete(host);
      this.#alive.add(host);
    }
  }
}
