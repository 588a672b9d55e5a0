import { type ClusterRef, clusterText } from '../../core/cluster.ts';
import type { Event } from '../../core/events/event.ts';
import type { ClusterFacts, PlanTotals, PlayPlan } from '../../core/events/plan.ts';
import { firstRefusal } from '../../core/events/planned-refusals.ts';
import type { WavePlan } from '../../core/events/rollout.ts';
import type { EventOf, FleetPlanShown } from '../reporter.ts';

/** A cluster's part in a plan. */
export interface PlannedCluster {
  readonly cluster: ClusterRef;
  /** Absent if no plan could be made. */
  readonly plan?: Pick<PlayPlan, 'window'> & {
    readonly facts?: ClusterFacts;
    readonly totals: PlanTotals;
    /** Why the first refused host is refused: `prod-m1: 'Copy it': there is no such file`. */
    readonly refused?: string;
  };
  /** Why the cluster would not be started, in a clause, and for how many hosts. */
  readonly refusal?: { readonly reason: string; readonly hosts: number };
  /** One of its certificates ends before the cluster may be changed. */
  readonly isLate: boolean;
  /** That is because of the windows of a cluster of an earlier wave. */
  readonly isLateBehind?: boolean;
  /** The contact, if it needs attention. */
  readonly contact?: string;
  /** Its hosts that could not be reached. */
  readonly unreachable: readonly string[];
}

/** A cluster with its place in the rollout. */
export interface PlacedCluster extends PlannedCluster {
  /** Absent without a rollout, or if the cluster is in no wave. */
  readonly wave?: WavePlan;
  /** The wave that has to end before this one starts. */
  readonly before?: WavePlan;
}

/** Collects the plans of a play on several clusters from its events, keeping little of each. */
export class FleetPlan {
  #play = '';
  #waves: readonly WavePlan[] = [];
  #maxFailed: number | undefined;
  #sideBySide: number | undefined;
  #isOfWorkers = false;
  readonly #clusters = new Map<string, PlannedCluster>();

  /** Processes the next event of the run. */
  take(event: Event): void {
    switch (event.type) {
      case 'play-started':
        this.#play = event.play;
        this.clear();
        break;
      case 'play-planned': {
        const { cluster, window, facts } = event.plan;
        const refused = firstRefusal(event.plan);
        if (cluster) this.#add(cluster, { plan: shortPlan({ totals: event.totals, window, facts, refused }) });
        break;
      }
      case 'cluster-planned':
        this.#isOfWorkers = true;
        this.#add(event.cluster, { plan: shortPlan(event) });
        break;
      case 'play-refused':
        if (event.cluster) this.#add(event.cluster, { refusal: { reason: event.reason, hosts: event.hosts.length } });
        break;
      case 'window-late':
        this.#add(event.cluster, { isLate: true, isLateBehind: event.behind !== undefined });
        break;
      case 'rollout-planned':
        this.#waves = event.waves;
        this.#maxFailed = event.maxFailed;
        break;
      case 'rollout-started':
        this.#sideBySide = event.sideBySide;
        break;
      case 'host-unreachable':
        if (event.cluster) this.#addUnreachable(event.cluster, event.host);
        break;
      case 'run-finished':
        for (const { host, cluster, unreachable } of event.hosts)
          if (cluster && unreachable > 0) this.#addUnreachable(cluster, host);
        this.#addContacts(event);
        break;
      default:
    }
  }

  /** A plan made by workers: this summary is all that this machine has. */
  get isOfWorkers(): boolean {
    return this.#isOfWorkers;
  }

  /** Drops plans that have been shown or are no longer relevant. */
  clear(): void {
    this.#waves = [];
    this.#maxFailed = undefined;
    this.#sideBySide = undefined;
    this.#isOfWorkers = false;
    this.#clusters.clear();
  }

  get play(): string {
    return this.#play;
  }

  /** How many clusters may fail over all waves; undefined: any number. */
  get maxFailed(): number | undefined {
    return this.#maxFailed;
  }

  /** How many clusters are worked on at the same time; undefined until the run starts with them. */
  get sideBySide(): number | undefined {
    return this.#sideBySide;
  }

  /**
   * In the order in which they would start; those without a wave last. Empty unless there are several, or these summaries are all that is
   * known.
   */
  get clusters(): readonly PlacedCluster[] {
    const all = [...this.#clusters.values()];
    if (all.length < 2 && !this.#isOfWorkers) return [];
    const known = new Map(
      all.flatMap((each) => (each.cluster.kind === 'declared' ? [[each.cluster.name, each] as const] : [])),
    );
    const placed = this.#waves.flatMap((wave, index) => {
      const before = this.#waves[index - 1];
      return wave.clusters.flatMap((name): PlacedCluster[] => {
        const cluster = known.get(name);
        return cluster ? [{ ...cluster, wave, ...(before && { before }) }] : [];
      });
    });
    const names = new Set(placed.map(({ cluster }) => clusterText(cluster)));
    return [...placed, ...all.filter(({ cluster }) => !names.has(clusterText(cluster)))];
  }

  #add(cluster: ClusterRef, news: Partial<PlannedCluster>): void {
    const name = clusterText(cluster);
    const known = this.#clusters.get(name) ?? { cluster, isLate: false, unreachable: [] };
    this.#clusters.set(name, { ...known, ...news });
  }

  #addContacts({ contacts = [] }: EventOf<'run-finished'>): void {
    for (const { cluster, contact } of contacts)
      if (this.#clusters.has(clusterText({ kind: 'declared', name: cluster })))
        this.#add({ kind: 'declared', name: cluster }, { contact });
  }

  #addUnreachable(cluster: ClusterRef, host: string): void {
    const known = this.#clusters.get(clusterText(cluster))?.unreachable ?? [];
    if (!known.includes(host)) this.#add(cluster, { unreachable: [...known, host] });
  }
}

const NOTHING: PlanTotals = { change: 0, mayChange: 0, unchanged: 0, refused: 0, changes: 0 };

/** Whether the cluster would be started, even if only to find nothing to do. */
export function isStarted({ plan, refusal }: PlacedCluster): boolean {
  return plan !== undefined && refusal === undefined;
}

/** The name of a declared cluster, or a phrase for another. */
export function nameOf({ cluster }: PlacedCluster): string {
  return cluster.kind === 'declared' ? cluster.name : clusterText(cluster);
}

/** What is to be done on its hosts; of a cluster that is not planned, nothing. */
export function totalsOf({ plan, refusal }: PlacedCluster): PlanTotals {
  return refusal ? { ...NOTHING, refused: refusal.hosts } : (plan?.totals ?? NOTHING);
}

/** Whether something is to be done, or may be. */
export function hasWork(cluster: PlacedCluster): boolean {
  const { change, mayChange } = totalsOf(cluster);
  return change + mayChange > 0;
}

/** Whether its windows do not allow what is to be done, or would be after a failure. */
export function isShut(cluster: PlacedCluster): boolean {
  return (hasWork(cluster) || mayNeedRescue(cluster)) && cluster.plan?.window?.state === 'shut';
}

/** Whether only a failure leads to a change on one of its hosts. */
export function mayNeedRescue(cluster: PlacedCluster): boolean {
  return totalsOf(cluster).unlessFailed !== undefined;
}

/**
 * What a run does with a cluster because it is outside its windows; undefined: nothing, or it waits. A cluster for which there is no
 * further window is refused even by a run that would wait.
 * @param whenShut what it does with all such clusters, if that is known
 */
export function shutOutcome(cluster: PlacedCluster, whenShut: FleetPlanShown['whenShut']): FleetPlanShown['whenShut'] {
  if (!isShut(cluster)) return undefined;
  return whenShut ?? (cluster.plan?.window?.opens === undefined ? 'refused' : undefined);
}

/** Whether a run leaves it as it is because of its windows. */
export function isLeft(cluster: PlacedCluster, whenShut: FleetPlanShown['whenShut']): boolean {
  const outcome = shutOutcome(cluster, whenShut);
  return outcome === 'refused' || outcome === 'skipped';
}

type ShortPlan = NonNullable<PlannedCluster['plan']>;

function shortPlan({
  totals,
  window,
  facts,
  refused,
}: { readonly [Key in keyof ShortPlan]: ShortPlan[Key] | undefined } & Pick<ShortPlan, 'totals'>): ShortPlan {
  return {
    totals,
    ...(window && { window }),
    ...(facts && { facts }),
    ...(refused !== undefined && { refused }),
  };
}
