import type { WaitedWindows } from './rollout-request.ts';

/** When the windows of clusters that wait open. What was found holds until then: a fleet that waits for days asks each window once. */
export class Openings {
  readonly #timing: WaitedWindows | undefined;
  readonly #shut = new Map<string, { readonly from: number; readonly opens: number }>();

  /** @param timing the windows, where those are waited for */
  constructor(timing: WaitedWindows | undefined) {
    this.#timing = timing;
  }

  /**
   * Undefined of one that may be begun, and of one whose window never opens: that is left to say so itself.
   * @param now milliseconds since the epoch, as all moments here. A clock that is set back is asked for anew.
   */
  opens(cluster: string, now: number): number | undefined {
    const known = this.#shut.get(cluster);
    if (known && known.from <= now && now < known.opens) return known.opens;
    const window = this.#timing?.ask(cluster, 1);
    if (window?.state !== 'shut' || window.opens === undefined) return undefined;
    const opens = Date.parse(window.opens);
    this.#shut.set(cluster, { from: now, opens });
    return opens;
  }
}
