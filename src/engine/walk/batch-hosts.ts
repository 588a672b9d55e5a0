import { type Hosts, without } from './frame.ts';
import type { Verdict } from './request.ts';

/** Which hosts of a batch are still in the play, and why the others are not. */
export class BatchHosts {
  /** All hosts with which the batch began. */
  readonly names: readonly string[];
  readonly #alive: Set<string>;
  /** Hosts that have failed and may still be rescued, or still run an `always` part. They count as alive. */
  readonly #failing = new Set<string>();
  /** Hosts that are out because they failed, were lost or were refused, with the verdict. */
  readonly #lost = new Map<string, Verdict>();
  /** Hosts that have ended without a failure. */
  readonly #ended = new Set<string>();
  #isHalted = false;
  #mayBeOutUnlost = false;

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

  /**
   * Whether hosts may be out without counting as lost, though a plan has them alive: they fail, and end in the rescue or are
   * forgotten by `clear_host_errors`. If all others are lost, the batch is not.
   */
  get mayBeOutUnlost(): boolean {
    return this.#mayBeOutUnlost;
  }

  /** Notes that hosts may have come to what puts them out without their being lost. Only a plan asks for it. */
  noteOutUnlost(): void {
    this.#mayBeOutUnlost = true;
  }

  /** Whether the play tolerates the number of lost hosts, optionally counting those whose failure is not final yet. */
  isTolerable(judge: (failed: number, of: number) => boolean, which?: 'with those that fail'): boolean {
    const failing = which ? without(this.#failing, this.lost).size : 0;
    return judge(this.#lost.size + failing, this.names.length);
  }

  /** The given hosts that are still alive. */
  aliveAmong(hosts: Hosts): Hosts {
    if (this.#isHalted) return new Set();
    return [...hosts].every((host) => this.#alive.has(host))
      ? hosts
      : new Set([...hosts].filter((host) => this.#alive.has(host)));
  }

  lose(host: string, verdict: Verdict): void {
    this.#alive.delete(host);
    if (verdict !== 'cancelled') this.#lost.set(host, verdict);
  }

  /** Records a failure that is not final yet. */
  fail(host: string): void {
    this.#failing.add(host);
  }

  failingAmong(hosts: Hosts): Hosts {
    return new Set([...hosts].filter((host) => this.#failing.has(host)));
  }

  /** Halts all hosts: they skip everything up to the next `always` part or the forced handlers. */
  halt(): void {
    this.#isHalted = true;
  }

  /** Ends the halt. @returns whether there was one */
  resume(): boolean {
    const wasHalted = this.#isHalted;
    this.#isHalted = false;
    return wasHalted;
  }

  rescue(host: string): void {
    this.#failing.delete(host);
  }

  /** Makes a failure final. */
  leave(host: string): void {
    this.#failing.delete(host);
    this.lose(host, 'failed');
  }

  /** Removes a host that has ended without a failure. */
  end(host: string): void {
    this.#alive.delete(host);
    this.#ended.add(host);
  }

  endedAmong(hosts: Hosts): Hosts {
    return new Set([...hosts].filter((host) => this.#ended.has(host)));
  }

  /** Removes all hosts except those that have failed, whose failure has to become final first. */
  endAll(): void {
    for (const host of without(this.#alive, this.#failing)) this.end(host);
  }

  /** Removes all hosts. @returns those that were still alive */
  cancel(): readonly string[] {
    const rest = [...this.#alive];
    this.#alive.clear();
    return rest;
  }

  /** Forgets failed and lost hosts, so that they no longer count for `isTolerable`. They stay out of the play. */
  clearErrors(): void {
    for (const [host, verdict] of this.#lost) if (verdict !== 'refused') this.#lost.delete(host);
  }

  /**
   * Supposes that those of these hosts that have ended had failed instead, and are alive.
   * @returns sets this back, and with it the losses since then
   */
  suppose(hosts: Hosts): () => void {
    const [{ lost }, ended] = [this, this.endedAmong(hosts)];
    for (const host of ended) {
      this.#ended.delete(host);
      this.#alive.add(host);
    }
    return () => {
      for (const host of without(this.lost, lost)) {
        this.#lost.delete(host);
        this.#alive.add(host);
      }
      for (const host of ended) this.end(host);
    };
  }
}
