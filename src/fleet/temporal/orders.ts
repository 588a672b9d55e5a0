import type { Event } from '../../core/events/event.ts';
import type { Signal } from '../../core/signal.ts';
import type { WaveFacts } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-state.ts';
import type { CheckMoment, Rollout } from '../../playbook/rollout/rollout-model.ts';

/** What goes through the Temporal server: plain JSON, of which nothing is a secret. A worker refuses an order of a version that is not here. */
export const ORDER_VERSIONS = [1, 2] as const;
export type OrderVersion = (typeof ORDER_VERSIONS)[number];

/** The lowest that knows all that an order says, as it has to be obeyed: checks and hooks of waves came with 2. */
export function orderVersion({ checks, waveHooks }: Pick<RolloutOrder, 'checks' | 'waveHooks'>): OrderVersion {
  return checks === undefined && !waveHooks ? 1 : 2;
}

/** The name of the workflow that is a rollout. */
export const ROLLOUT_WORKFLOW = 'rollout';

/** A rollout, as the one who asks for it knows it. */
export interface RolloutOrder {
  readonly version: OrderVersion;
  readonly runId: string;
  /** The play's name. */
  readonly play: string;
  /** How it goes through its clusters, by `packRollout`. */
  readonly rollout: string;
  /** The SHA-256 of its checks: workers have them, as what they hold may be a secret. Absent: it has none. */
  readonly checks?: string;
  /** The play has hooks that are told of waves. */
  readonly waveHooks?: true;
  /** How many clusters the play has, those included that `--limit` leaves out. */
  readonly total: number;
  readonly clusters: readonly OrderedCluster[];
  /** Of a run that goes on with another: the wave of each cluster in that, by the cluster's name. */
  readonly recorded: Readonly<Record<string, string>>;
  readonly sideBySide: number;
  /** Milliseconds: whoever is not heard of for so long while it works on a cluster has lost it to another worker. */
  readonly workerTimeoutMs: number;
  /** With which operators speak to it. */
  readonly commands: {
    /** By the name of the wave. */
    readonly approve: Readonly<Record<string, string>>;
    readonly resume: string;
    readonly later?: string;
    readonly again: string;
  };
  readonly work: OrderedWork;
}

/** A cluster that is rolled out to. */
export interface OrderedCluster {
  readonly name: string;
  /** Those of its hosts that are meant. */
  readonly hosts: readonly string[];
  /** All of its hosts: a worker whose inventory says otherwise does not touch it. */
  readonly members: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly wave?: string;
  /** Whose workers reach it; absent: those of no site. */
  readonly site?: string;
}

/** What is done on each cluster. */
export interface OrderedWork {
  /** The SHA-256 of the playbook and of all that it is made of: a worker that has no such playbook does not begin. */
  readonly playbook: string;
  /** What the playbook is called where the run was asked for, for people. */
  readonly source: string;
  /** As `-e` gives them. */
  readonly extraVars: readonly string[];
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask?: string;
  readonly forceHandlers?: true;
  /** What becomes of a cluster outside its windows; absent: it is refused. `wait`: the worker leaves it, and the rollout comes back to it. */
  readonly window?: 'skip' | 'override' | 'wait';
  readonly reason?: string;
}

/** What a worker is asked to do: to look at a cluster, to carry out, or to look again at what was carried out. */
export interface ClusterOrder {
  /** That of its rollout. */
  readonly version: OrderVersion;
  readonly runId: string;
  /** What is due is judged by it. ISO 8601. */
  readonly now: string;
  readonly cluster: OrderedCluster;
  readonly work: OrderedWork;
  /** Its checks have not been asked: nothing may be changed, and the report says if something would have been. */
  readonly isUnchecked?: true;
}

/** A check that a worker is asked for, once. */
export interface CheckOrder extends ClusterOrder {
  readonly check: {
    /** Of all checks of the rollout. */
    readonly digest: string;
    /** Which of them, from 0. */
    readonly index: number;
    readonly at: CheckMoment;
  };
}

/** What hooks are to be told of a wave; `cluster` is the first of it. */
export interface WaveOrder extends ClusterOrder {
  readonly wave: WaveFacts;
}

/** What a worker says of a cluster. */
export interface ClusterReport {
  readonly result: PlainResult;
  /** Hosts that were left because a window did not let them be changed. */
  readonly shut: readonly string[];
  /** When that window opens next, ISO 8601; absent where it never does, and where none was shut. */
  readonly opens?: string;
  /** What was told on the way that whoever follows the rollout is to know. */
  readonly told: readonly Event[];
  /** Something would have been changed, before its checks were asked. */
  readonly wasUnchecked?: true;
  /** Another attempt was lost before this one: what that has changed is not told here. */
  readonly wasTakenOver?: true;
}

/** A result as plain JSON: without what hosts have registered, and the ways back, for which whoever reaches them asks. A bug is told by its message. */
export type PlainResult = Omit<RunResult, 'registered' | 'undos' | 'mistake'> & { readonly mistake?: string };

/** What workers do. */
export interface ClusterActivities {
  /** Looks and plans; changes nothing. */
  look(order: ClusterOrder): Promise<ClusterReport>;
  /** Looks anew, plans and carries out. */
  run(order: ClusterOrder): Promise<ClusterReport>;
  /** @returns why the cluster is not as a run would leave it; '' when it is */
  lookAgain(order: ClusterOrder): Promise<string>;
  /** @returns why the check does not pass, in a clause; '' when it does */
  check(order: CheckOrder): Promise<string>;
  /** Calls hooks, each of which may fail. @returns what is told of them */
  callWave(order: WaveOrder): Promise<readonly Event[]>;
}

/** What the workflow says to whoever asks how a rollout is. */
export interface RolloutView {
  readonly play: string;
  readonly clusters: readonly { readonly name: string; readonly site?: string; readonly hosts: readonly string[] }[];
  /** What operators have said to it. */
  readonly signals: readonly Signal[];
  /** What was told, from the one that was asked for on. */
  readonly told: readonly { readonly time: string; readonly event: Event }[];
  /** How many were told in all. */
  readonly count: number;
}

/** An operator has said something: `(signal: Signal)`. */
export const SAY_SIGNAL = 'say';
/** Nothing more is to be begun; what is in hand is finished. */
export const STOP_SIGNAL = 'stop';
/** `(from: number) => RolloutView` */
export const VIEW_QUERY = 'view';

/** The task queue of the workers of a site; without one, that of rollouts too. */
export function queueOf(site: string | undefined): string {
  return site === undefined ? 'kplay' : `kplay-${site}`;
}

/** The workflow of a run. */
export function workflowIdOf(runId: string): string {
  return `kplay-${runId}`;
}

/** Without the places in files of the user, which mean nothing elsewhere, and of checks only when and how often they are asked. */
export function packRollout({ checks, ...rollout }: Rollout): string {
  const asked = checks.map(({ name, at, retries, delayMs }) => ({ name, at, retries, delayMs }));
  return JSON.stringify({ ...rollout, checks: asked }, (key, value: unknown) => (key === 'range' ? undefined : value));
}

/** A result as it goes through the server. */
export function plainResult({ registered: _, undos: __, mistake, ...result }: RunResult): PlainResult {
  return {
    ...result,
    ...(mistake !== undefined && { mistake: mistake instanceof Error ? mistake.message : String(mistake) }),
  };
}

/** What `plainResult` has made, as a result again. */
export function resultOf({ mistake, ...result }: PlainResult): RunResult {
  return {
    ...result,
    registered: new Map(),
    undos: new Map(),
    ...(mistake !== undefined && { mistake: new Error(mistake) }),
  };
}
