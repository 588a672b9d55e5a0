import { isToBeConfirmed } from '../../core/plan-totals.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { planOf } from './known-waves.ts';
import type { AwaitedWindows, RolloutRequest } from './rollout-request.ts';

/**
 * When the windows of waiting clusters open. Results are cached until that time: a fleet that waits for days evaluates each
 * window once.
 */
export class Openings {
  readonly #timing: AwaitedWindows | undefined;
  readonly #idle: ReadonlySet<string>;
  readonly #started: ReadonlySet<string>;
  readonly #known = new Map<string, { readonly from: number; readonly opens: number }>();

  /**
   * @param look at all clusters, before the first was started
   * @param started clusters that have been started so far, at least once
   */
  constructor(
    {
      awaitedWindows,
      hostsOf,
      isOfOlderVersion,
    }: Pick<RolloutRequest, 'awaitedWindows' | 'hostsOf' | 'isOfOlderVersion'>,
    look: RunResult,
    started: ReadonlySet<string>,
  ) {
    this.#timing = awaitedWindows;
    this.#started = started;
    const isIdle = (hosts: readonly string[]): boolean => {
      const plan = planOf(look, hosts);
      return !plan || !isToBeConfirmed([plan]);
    };
    const idle = awaitedWindows && !isOfOlderVersion ? [...hostsOf].filter(([, hosts]) => isIdle(hosts)) : [];
    this.#idle = new Set(idle.map(([name]) => name));
  }

  /**
   * Undefined for a cluster that may be started, and for one whose window never opens: running it reports that. A cluster on
   * which nothing was to be done needs no window, unless starting it has shown otherwise.
   * @param now milliseconds since the epoch, like all times here. If the clock was set back, the window is evaluated again.
   */
  nextOpening(cluster: string, now: number): number | undefined {
    if (this.#idle.has(cluster) && !this.#started.has(cluster)) return undefined;
    const known = this.#known.get(cluster);
    if (known && known.from <= now && now < known.opens) return known.opens;
    const window = this.#timing?.ask(cluster, 1);
    if (window?.state !== 'shut' || window.opens === undefined) return undefined;
    const opens = Date.parse(window.opens);
    this.#known.set(cluster, { from: now, opens });
    return opens;
  }
}
