import { isToBeConfirmed, needsWindow } from '../../core/plan-totals.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { outcomeOf, partOf } from './cluster-outcome.ts';
import type { ClusterProgress } from './decide.ts';
import type { ClusterRun } from './fleet-engine.ts';
import { isIdle, planOf } from './known-waves.ts';
import type { AwaitedWindows, RolloutRequest } from './rollout-request.ts';

/**
 * When the windows of waiting clusters open. Results are cached until that time: a fleet that waits for days evaluates each
 * window once.
 */
export class Openings {
  readonly #timing: AwaitedWindows | undefined;
  readonly #idle: ReadonlySet<string>;
  readonly #started: ReadonlySet<string>;
  readonly #request: Pick<RolloutRequest, 'hostsOf' | 'shutClusters'>;
  readonly #look: RunResult;
  readonly #known = new Map<string, { readonly from: number; readonly opens: number }>();

  /**
   * @param look at all clusters, before the first was started
   * @param started clusters that have been started so far, at least once
   */
  constructor(
    request: Pick<
      RolloutRequest,
      'awaitedWindows' | 'hostsOf' | 'isOfOlderVersion' | 'looksAreWork' | 'looksNeedWindows' | 'shutClusters'
    >,
    look: RunResult,
    started: ReadonlySet<string>,
  ) {
    const { awaitedWindows, hostsOf, isOfOlderVersion, looksNeedWindows } = request;
    this.#request = request;
    this.#look = look;
    this.#timing = awaitedWindows;
    this.#started = started;
    const hasNothing = (hosts: readonly string[]): boolean => {
      const plan = planOf(look, hosts);
      return !plan || !(looksNeedWindows ? isToBeConfirmed : needsWindow)([plan]);
    };
    const idle = awaitedWindows && !isOfOlderVersion ? [...hostsOf].filter(([, hosts]) => hasNothing(hosts)) : [];
    this.#idle = new Set(idle.map(([name]) => name));
  }

  /** A waiting cluster with when its window opens, which is evaluated when it is read: at the time that it is then. */
  withOpening(progress: ClusterProgress, now: () => number): ClusterProgress {
    const opening = (): number | undefined => this.nextOpening(progress.name, now());
    return {
      ...progress,
      get opens() {
        return opening();
      },
    };
  }

  /**
   * Undefined for a cluster that may be started, and for one whose window never opens: running it reports that. A cluster on
   * which nothing was to be changed needs no window, unless starting it has shown otherwise.
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

  /** How to leave a cluster without starting it, if only its window keeps it from being changed and the run does not wait for that. */
  shut(cluster: string): (() => ClusterRun) | undefined {
    const hosts = this.#request.hostsOf.get(cluster) ?? [];
    // Whatever else is the matter with it is found and reported by starting it.
    const isHealthy = outcomeOf(partOf(this.#look, cluster, hosts)) === 'ok';
    const plan = planOf(this.#look, hosts);
    const isWindowed = isHealthy && plan !== undefined && needsWindow([plan]);
    return isWindowed ? this.#request.shutClusters?.find(cluster) : undefined;
  }

  /** The same for all of these on which something is due; undefined if nothing is, or one of them may be started. */
  allShut(clusters: readonly string[]): ReadonlyMap<string, () => ClusterRun> | undefined {
    const due = clusters.filter((name) => !isIdle(name, this.#look, this.#request));
    const shut = new Map(
      due.flatMap((name) => {
        const leave = this.shut(name);
        return leave ? [[name, leave] as const] : [];
      }),
    );
    return due.length > 0 && shut.size === due.length ? shut : undefined;
  }
}
