import type { Event } from '../../core/events/event.ts';
import type { Signal } from '../../core/signal.ts';
import type { WaveFacts } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-result.ts';
import type { CheckMoment, Rollout } from '../../playbook/rollout/rollout-model.ts';

/** Messages that go through the Temporal server: plain JSON without secrets. A worker refuses an order of an unknown version. */
export const ORDER_VERSIONS = [1, 2, 3, 4, 5, 6] as const;
export type OrderVersion = (typeof ORDER_VERSIONS)[number];

/**
 * The lowest version that supports everything that the order uses: checks and hooks for waves came with 2; up to then, waves
 * without `max_failed` never kept the next one from starting, and clusters with nothing to do waited for their windows. Up to 3,
 * waves with nothing to do were approved like any other. Up to 4, clusters with only what the run decides had nothing to do, and
 * unproven clusters were not known. Up to 5, clusters on which tasks only look waited for their windows, and were checked.
 * @param isOpen the play may have something of which only the run decides whether a host reaches it
 * @param hasLooks the play has tasks that only look
 */
export function orderVersion(
  { waves, maxFailed }: Pick<Rollout, 'waves' | 'maxFailed'>,
  {
    checks,
    waveHooks,
    unproven,
    isOpen,
    hasLooks,
  }: Pick<RolloutOrder, 'checks' | 'waveHooks' | 'unproven'> & { readonly isOpen: boolean; readonly hasLooks: boolean },
  { window }: Pick<OrderedWork, 'window'>,
): OrderVersion {
  if (hasLooks && (checks !== undefined || window === 'wait')) return 6;
  if (isOpen || (checks !== undefined && unproven)) return 5;
  if (waves.some(({ approval }) => approval)) return 4;
  if (window === 'wait' || (!maxFailed && waves.slice(0, -1).some((wave) => !wave.maxFailed))) return 3;
  return checks === undefined && !waveHooks ? 1 : 2;
}

/** The workflow type of a rollout. */
export const ROLLOUT_WORKFLOW = 'rollout';

/** A rollout, as the requester knows it. */
export interface RolloutOrder {
  readonly version: OrderVersion;
  readonly runId: string;
  /** The play's name. */
  readonly play: string;
  /** How it goes through its clusters, as made by `packRollout`. */
  readonly rollout: string;
  /**
   * The SHA-256 of its checks. Only workers have the checks themselves, because they may contain secrets. Absent: it has none.
   */
  readonly checks?: string;
  /** The play has hooks for waves. */
  readonly waveHooks?: true;
  /** How many clusters the play has, including those that `--limit` leaves out. */
  readonly total: number;
  readonly clusters: readonly OrderedCluster[];
  /** When resuming a run: the wave of each cluster in that run, by the cluster's name. */
  readonly recorded: Readonly<Record<string, string>>;
  /** When resuming a run: the failed clusters that its requests for approval named, by the name of the wave. Absent: none. */
  readonly told?: Readonly<Record<string, readonly string[]>>;
  /** When resuming a run: clusters that were started and not completed successfully; their checks run even if nothing is changed. Absent: none. */
  readonly unproven?: readonly string[];
  readonly sideBySide: number;
  /** Milliseconds after which a silent worker loses its cluster to another worker. */
  readonly workerTimeoutMs: number;
  /** The commands for operators. */
  readonly commands: {
    /** By the name of the wave. */
    readonly approve: Readonly<Record<string, string>>;
    readonly resume: string;
    readonly later?: string;
    readonly again: string;
  };
  readonly work: OrderedWork;
}

/** A cluster of a rollout. */
export interface OrderedCluster {
  readonly name: string;
  /** The hosts to work on. */
  readonly hosts: readonly string[];
  /** All of its hosts: a worker whose inventory differs does not touch it. */
  readonly members: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly wave?: string;
  /** The site whose workers reach it; absent: workers without a site. */
  readonly site?: string;
}

/** What to do on each cluster. */
export interface OrderedWork {
  /** The SHA-256 of the playbook and all files that it uses: a worker without this playbook does not start. */
  readonly playbook: string;
  /** The playbook's name on the requester's machine, for messages. */
  readonly source: string;
  /** In the format of `-e`. */
  readonly extraVars: readonly string[];
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask?: string;
  readonly forceHandlers?: true;
  /** What to do outside a cluster's windows; absent: refuse it. `wait`: the worker leaves it, and the rollout returns to it. */
  readonly window?: 'skip' | 'override' | 'wait';
  readonly reason?: string;
}

/** An order to a worker: observe a cluster, run it, or observe it again after its run. */
export interface ClusterOrder {
  /** The version of its rollout. */
  readonly version: OrderVersion;
  readonly runId: string;
  /** The reference time for what is due. ISO 8601. */
  readonly now: string;
  readonly cluster: OrderedCluster;
  readonly work: OrderedWork;
  /** Its checks have not run yet: nothing may be changed, and the report says whether something would have been. */
  readonly isUnchecked?: true;
}

/** An order to run a check once. */
export interface CheckOrder extends ClusterOrder {
  readonly check: {
    /** The digest of all checks of the rollout. */
    readonly digest: string;
    /** The index of the check. */
    readonly index: number;
    readonly at: CheckMoment;
  };
}

/** What to pass to the hooks of a wave; `cluster` is its first one. */
export interface WaveOrder extends ClusterOrder {
  readonly wave: WaveFacts;
}

/** A worker's report about a cluster. */
export interface ClusterReport {
  readonly result: PlainResult;
  /** Hosts that were left because a window did not allow changing them. */
  readonly shut: readonly string[];
  /** When that window opens next, ISO 8601; absent if it never does, and if none was closed. */
  readonly opens?: string;
  /** Events for whoever follows the rollout. */
  readonly told: readonly Event[];
  /** Something would have been changed, but the checks had not run. */
  readonly wasUnchecked?: true;
  /** An earlier attempt was lost: this report does not include its changes. */
  readonly wasTakenOver?: true;
}

/**
 * A result as plain JSON, without registered values and undo steps, which are read where they are needed. Bugs are reduced to
 * their messages.
 */
export type PlainResult = Omit<RunResult, 'registered' | 'undos' | 'mistake'> & { readonly mistake?: string };

/** The activities of workers. */
export interface ClusterActivities {
  /** Observes and plans; changes nothing. */
  look(order: ClusterOrder): Promise<ClusterReport>;
  /** Observes again, plans and applies. */
  run(order: ClusterOrder): Promise<ClusterReport>;
  /** @returns why the cluster is not in the state that a run would leave it in; '' when it is */
  lookAgain(order: ClusterOrder): Promise<string>;
  /** @returns why the check does not pass, in a clause; '' when it does */
  check(order: CheckOrder): Promise<string>;
  /** Calls hooks, each of which may fail. @returns the events about them */
  callWave(order: WaveOrder): Promise<readonly Event[]>;
}

/** The workflow's answer to a query for its progress. */
export interface RolloutView {
  readonly play: string;
  readonly clusters: readonly { readonly name: string; readonly site?: string; readonly hosts: readonly string[] }[];
  /** The signals sent to it. */
  readonly signals: readonly Signal[];
  /** The events from the requested index on. */
  readonly told: readonly { readonly time: string; readonly event: Event }[];
  /** The number of all events. */
  readonly count: number;
}

/** A signal of an operator: `(signal: Signal)`. */
export const SAY_SIGNAL = 'say';
/** Nothing more may be started; clusters in progress are finished. */
export const STOP_SIGNAL = 'stop';
/** `(from: number) => RolloutView` */
export const VIEW_QUERY = 'view';

/** The task queue of a site's workers; without a site, also that of rollouts. */
export function queueOf(site: string | undefined): string {
  return site === undefined ? 'kplay' : `kplay-${site}`;
}

/** The workflow id of a run. */
export function workflowIdOf(runId: string): string {
  return `kplay-${runId}`;
}

/** Without source positions, which mean nothing elsewhere; of checks only when and how often they run. */
export function packRollout({ checks, ...rollout }: Rollout): string {
  const packed = checks.map(({ name, at, retries, delayMs }) => ({ name, at, retries, delayMs }));
  return JSON.stringify({ ...rollout, checks: packed }, (key, value: unknown) => (key === 'range' ? undefined : value));
}

/** A result in the form that goes through the server. */
export function plainResult({ registered: _, undos: __, mistake, ...result }: RunResult): PlainResult {
  return {
    ...result,
    ...(mistake !== undefined && { mistake: mistake instanceof Error ? mistake.message : String(mistake) }),
  };
}

/** The inverse of `plainResult`. */
export function resultOf({ mistake, ...result }: PlainResult): RunResult {
  return {
    ...result,
    registered: new Map(),
    undos: new Map(),
    ...(mistake !== undefined && { mistake: new Error(mistake) }),
  };
}
