import { type ClusterRef, clusterText } from '../../core/cluster.ts';
import type { Event } from '../../core/events/event.ts';
import { planTotals } from '../../core/plan-totals.ts';

/** Hosts and clusters, by name. */
export interface Selection {
  readonly hosts: ReadonlySet<string>;
  readonly clusters: ReadonlySet<string>;
  /** The declared clusters of hosts. */
  readonly clusterOf: ReadonlyMap<string, string>;
}

/** Reduces the events of a run to some hosts. Events name clusters that are not declared, and none where a play has a single one. */
export class EventSelection {
  readonly #hosts: ReadonlySet<string>;
  readonly #clusters: ReadonlySet<string>;
  readonly #clusterOf = new Map<string, ClusterRef>();

  constructor({ hosts, clusters, clusterOf }: Selection) {
    this.#hosts = hosts;
    this.#clusters = clusters;
    for (const [host, name] of clusterOf) this.#clusterOf.set(host, { kind: 'declared', name });
  }

  /** Learns from an event which hosts a cluster has. */
  learn(event: Event): void {
    if (event.type === 'run-finished')
      for (const { host, cluster } of event.hosts) if (cluster) this.#clusterOf.set(host, cluster);
    const cluster = clusterIn(event);
    if (cluster) for (const host of hostsIn(event)) this.#clusterOf.set(host, cluster);
  }

  /** An event reduced to the hosts; undefined when it is only about others. Events about the whole run are kept. */
  narrowed(event: Event): Event | undefined {
    const isWanted = (host: string): boolean => this.#isWanted(host);
    switch (event.type) {
      case 'play-planned': {
        const hosts = event.plan.hosts.filter(({ host }) => isWanted(host));
        if (hosts.length === 0) return undefined;
        const plan = { ...event.plan, hosts };
        return { ...event, plan, totals: planTotals(plan) };
      }
      case 'run-finished': {
        const { noUndo: all = [], ...finished } = event;
        const noUndo = all.filter(isWanted);
        return {
          ...finished,
          hosts: event.hosts.filter(({ host }) => isWanted(host)),
          ...(noUndo.length > 0 && { noUndo }),
        };
      }
      default:
        if ('host' in event) return isWanted(event.host) ? event : undefined;
        if (!('hosts' in event) || event.hosts.length === 0)
          return this.#isOfOtherCluster(clusterIn(event)) ? undefined : event;
        return ofHosts(event, event.hosts.filter(isWanted));
    }
  }

  /** Whether no host is known to be in any of the clusters: of a run with a single cluster, older journals do not tell which are. */
  get lacksHosts(): boolean {
    return this.#clusters.size > 0 && ![...this.#clusterOf.keys()].some((host) => this.#isWanted(host));
  }

  #isWanted(host: string): boolean {
    const cluster = this.#clusterOf.get(host);
    return (
      this.#hosts.has(host) || (cluster !== undefined && cluster.kind !== 'none' && this.#clusters.has(cluster.name))
    );
  }

  /** Whether none of the cluster's hosts is wanted; false if they are not known. */
  #isOfOtherCluster(cluster: ClusterRef | undefined): boolean {
    if (!cluster) return false;
    const name = clusterText(cluster);
    const hosts = [...this.#clusterOf].flatMap(([host, own]) => (clusterText(own) === name ? [host] : []));
    return hosts.length > 0 && !hosts.some((host) => this.#isWanted(host));
  }
}

function clusterIn(event: Event): ClusterRef | undefined {
  if (event.type === 'play-planned') return event.plan.cluster;
  return 'cluster' in event ? event.cluster : undefined;
}

/** The hosts that an event names. */
function hostsIn(event: Event): readonly string[] {
  if (event.type === 'play-planned') return event.plan.hosts.map(({ host }) => host);
  if (event.type === 'run-finished') return event.hosts.map(({ host }) => host);
  if ('host' in event) return [event.host];
  return 'hosts' in event ? event.hosts : [];
}

type OfHosts = Extract<Event, { readonly hosts: readonly string[] }>;

function ofHosts(event: OfHosts, hosts: readonly string[]): Event | undefined {
  return hosts.length === 0 ? undefined : { ...event, hosts };
}
