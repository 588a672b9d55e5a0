import { ActivityFailure, condition, proxyActivities, TimeoutFailure } from '@temporalio/workflow';
import type { ClusterRef } from '../../core/cluster.ts';
import type { Event, EventSink } from '../../core/events/event.ts';
import type { PlayRefusedEvent } from '../../core/events/play.ts';
import type { HostStateCode } from '../../core/events/recap.ts';
import { isToBeConfirmed } from '../../core/plan-totals.ts';
import type { Signal } from '../../core/signal.ts';
import { forEachLimited } from '../../engine/hosts/limited.ts';
import { mergedResults, NO_RESULT, type RunResult, UNTOUCHED } from '../../engine/run-state.ts';
import { outcomeOf, partOf } from '../rollout/cluster-outcome.ts';
import type { ClusterRun, FleetEngine, Wake } from '../rollout/fleet-engine.ts';
import {
  type ClusterActivities,
  type ClusterOrder,
  type ClusterReport,
  ORDER_VERSION,
  type OrderedCluster,
  queueOf,
  type RolloutOrder,
  resultOf,
} from './orders.ts';
import { ToldWindows } from './told-windows.ts';

/** A cluster that no worker takes for so long is given up. */
const TAKEN_WITHIN = '10 minutes';

/** The clusters of a rollout, each worked on by a worker of its site. What waits here waits in the server: no process has to live. */
export class WorkflowFleetEngine implements FleetEngine {
  readonly #order: RolloutOrder;
  readonly #emit: EventSink;
  readonly #signals: Signal[] = [];
  /** What was due on each cluster was judged by it. */
  readonly #ranAt = new Map<string, string>();
  readonly windows = new ToldWindows(() => this.now());
  #look: RunResult | undefined;
  #isStopping = false;

  constructor(order: RolloutOrder, emit: EventSink) {
    this.#order = order;
    this.#emit = emit;
  }

  hear(signal: Signal): void {
    this.#signals.push(signal);
  }

  stop(): void {
    this.#isStopping = true;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  now(): number {
    return Date.now();
  }

  signals(): readonly Signal[] {
    return this.#signals;
  }

  async wait({ until, heard, over }: Wake): Promise<void> {
    const isWoken = (): boolean => this.#isStopping || over?.aborted === true || this.#signals.length > heard;
    if (until === undefined) return condition(isWoken);
    const left = until - this.now();
    if (left > 0) await condition(isWoken, left);
  }

  async look(): Promise<RunResult> {
    const { clusters, sideBySide } = this.#order;
    const seen = new Map<string, RunResult>();
    await forEachLimited(clusters, sideBySide, async (cluster) => {
      if (this.#isStopping) return;
      const { result, told } = await this.#ask(cluster, 'look', 'unchanged');
      this.#tell(told);
      for (const { window } of result.plans)
        if (window?.state === 'shut') this.windows.shut(cluster.name, window.opens);
      seen.set(cluster.name, result);
    });
    // In the order of the inventory, whichever was seen first.
    this.#look = clusters.flatMap(({ name }) => seen.get(name) ?? []).reduce(mergedResults, NO_RESULT);
    return this.#look;
  }

  async run(name: string): Promise<ClusterRun> {
    const { play } = this.#order;
    const cluster = this.#clusterOf(name);
    const ref: ClusterRef = { kind: 'declared', name };
    const started = this.now();
    this.#emit({ type: 'cluster-started', play, cluster: ref, hosts: cluster.hosts });
    const { result, shut, opens, told } = await this.#carryOut(cluster);
    if (shut.length > 0) this.windows.shut(name, opens);
    this.#tell(told);
    const elapsedMs = this.now() - started;
    this.#emit({ type: 'cluster-finished', play, cluster: ref, outcome: outcomeOf(result), elapsedMs });
    return { result, shut };
  }

  async lookAgain(name: string): Promise<string | undefined> {
    const cluster = this.#clusterOf(name);
    const why = await this.#activities(cluster)
      .lookAgain(this.#orderOf(cluster, this.#ranAt.get(name) ?? this.#nowText()))
      .catch((error: unknown) => notDone(error, cluster).reason);
    return why === '' ? undefined : why;
  }

  /** A play with such hooks is refused before it comes here. */
  async callWave(): Promise<void> {}

  /** Where there was nothing to do on any cluster, nobody has approved anything, and nothing is done. */
  async #carryOut(cluster: OrderedCluster): Promise<Answer> {
    const look = this.#look;
    if (look && !isToBeConfirmed(look.plans))
      return { result: partOf(look, cluster.name, cluster.hosts), shut: [], told: [] };
    return this.#ask(cluster, 'run', 'unknown');
  }

  /** @param otherwise in which state its hosts are when no worker says so */
  async #ask(cluster: OrderedCluster, what: 'look' | 'run', otherwise: HostStateCode): Promise<Answer> {
    const now = this.#nowText();
    this.#ranAt.set(cluster.name, now);
    try {
      const report = await this.#activities(cluster)[what](this.#orderOf(cluster, now));
      return { ...report, result: resultOf(report.result) };
    } catch (error) {
      return this.#untold(cluster, error, otherwise);
    }
  }

  /** No worker has said what has become of it. What is thrown otherwise is a bug. */
  #untold(asked: OrderedCluster, error: unknown, state: HostStateCode): Answer {
    const { name, hosts } = asked;
    const { code, reason, remedy } = notDone(error, asked);
    const cluster: ClusterRef = { kind: 'declared', name };
    const recaps = hosts.map((host) => ({ ...UNTOUCHED, host, cluster, unreachable: 1, state }));
    return {
      result: { ...NO_RESULT, hosts: recaps, unreachable: hosts },
      shut: [],
      told: [{ type: 'play-refused', play: this.#order.play, cluster, hosts, code, reason, remedy }],
    };
  }

  #activities({ site }: OrderedCluster) {
    return proxyActivities<ClusterActivities>({
      taskQueue: queueOf(site),
      heartbeatTimeout: this.#order.workerTimeoutMs,
      scheduleToStartTimeout: TAKEN_WITHIN,
      startToCloseTimeout: '2 days',
      retry: { initialInterval: '2 seconds', backoffCoefficient: 1, maximumAttempts: 100 },
    });
  }

  #orderOf(cluster: OrderedCluster, now: string): ClusterOrder {
    const { runId, work } = this.#order;
    return { version: ORDER_VERSION, runId, now, cluster, work };
  }

  #tell(told: readonly Event[]): void {
    for (const event of told) this.#emit(event);
  }

  #clusterOf(name: string): OrderedCluster {
    const cluster = this.#order.clusters.find((one) => one.name === name);
    if (!cluster) throw new Error(`the rollout has no cluster ${name}`);
    return cluster;
  }

  #nowText(): string {
    return new Date(this.now()).toISOString();
  }
}

type Answer = Omit<ClusterReport, 'result'> & { readonly result: RunResult };

/** Why no worker has done what it was asked for. */
function notDone(
  error: unknown,
  { site }: Pick<OrderedCluster, 'site'>,
): Pick<PlayRefusedEvent, 'code' | 'reason' | 'remedy'> {
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof TimeoutFailure)
    return cause.timeoutType === 'SCHEDULE_TO_START'
      ? {
          code: 'no-worker',
          reason: `no worker${site === undefined ? '' : ` of site ${site}`} has taken it within ${TAKEN_WITHIN}`,
          remedy: `start a worker that reaches it: kplay worker PLAYBOOK -i INVENTORY${site === undefined ? '' : ` --site ${site}`} --engine …`,
        }
      : {
          code: 'worker-failed',
          reason: `its workers were lost again and again: ${cause.message}`,
          remedy: 'look at the logs of the workers',
        };
  return {
    code: 'worker-failed',
    reason: cause?.message ?? error.message,
    remedy: 'look at the log of the worker, then run it again',
  };
}
