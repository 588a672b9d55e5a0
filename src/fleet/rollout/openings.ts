import type { AwaitedWindows } from './rollout-request.ts';

/**
 * When the windows of waiting clusters open. Results are cached until that time: a fleet that waits for days evaluates each
 * window once.
 */
export class Openings {
  readonly #timing: AwaitedWindows | undefined;
  readonly #known = new Map<string, { readonly from: number; readonly opens: number }>();

  /** @param timing the windows, if the policy is to wait for them */
  constructor(timing: AwaitedWindows | undefined) {
    this.#timing = timing;
  }

  /**
   * Undefined for a cluster that may be started, and for one whose window never opens: running it reports that.
   * @param now milliseconds since the epoch, like all times here. If the clock was set back, the window is evaluated again.
   */
  nextOpening(cluster: string, now: number): number | undefined {
    const known = this.#known.get(cluster);
    if (known && known.from <= now && now < known.opens) return known.opens;
    const window = this.#timing?.ask(cluster, 1);
    if (window?.state !== 'shut' || window.opens === undefined) return undefined;
    const opens = Date.parse(window.opens);
    this.#known.set(cluster, { from: now, opens });
    return opens;
  }
}
