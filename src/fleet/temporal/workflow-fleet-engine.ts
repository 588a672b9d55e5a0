import { CancellationScope, condition, proxyActivities } from '@temporalio/workflow';
import type { ClusterRef } from '../../core/cluster.ts';
import type { Event, EventSink } from '../../core/events/event.ts';
import type { HostStateCode } from '../../core/events/recap.ts';
import { isToBeConfirmed } from '../../core/plan-totals.ts';
import type { Signal } from '../../core/signal.ts';
import { forEachLimited } from '../../engine/hosts/limited.ts';
import type { Forbidden, WaveFacts } from '../../engine/run-request.ts';
import { mergedResults, NO_RESULT, type RunResult, UNTOUCHED } from '../../engine/run-state.ts';
import type { CheckTimes } from '../rollout/check-attempts.ts';
import { ClusterChecks } from '../rollout/cluster-checks.ts';
import { outcomeOf, partOf } from '../rollout/cluster-outcome.ts';
import type { ClusterRun, FleetEngine, Wake } from '../rollout/fleet-engine.ts';
import { notDone, TAKEN_WITHIN } from './not-done.ts';
import {
  type CheckOrder,
  type ClusterActivities,
  type ClusterOrder,
  type ClusterReport,
  type OrderedCluster,
  queueOf,
  type RolloutOrder,
  resultOf,
} from './orders.ts';
import { ReportedWindows } from './reported-windows.ts';
import type { UnpackedRollout } from './unpack-rollout.ts';

/** A check of the rollout, which workers know by its place in the list. */
type OrderedCheck = CheckTimes & { readonly index: number };

/** The clusters of a rollout, each worked on by a worker of its site. What waits here waits in the server: no process has to live. */
export class WorkflowFleetEngine implements FleetEngine {
  readonly #order: RolloutOrder;
  readonly #emit: EventSink;
  readonly #signals: Signal[] = [];
  /** What was due on each cluster was judged by it. */
  readonly #ranAt = new Map<string, string>();
  /** Refusals of hosts that have been told. */
  readonly #refusals = new Set<string>();
  readonly windows = new ReportedWindows(() => this.now());
  readonly #checks: ClusterChecks<OrderedCheck> | undefined;
  #look: RunResult | undefined;
  #isStopping = false;

  constructor(order: RolloutOrder, checks: UnpackedRollout['checks'], emit: EventSink) {
    this.#order = order;
    this.#emit = emit;
    const { checks: digest, commands } = order;
    if (digest !== undefined)
      this.#checks = new ClusterChecks(
        this,
        {
          checks: checks.map((check, index) => ({ ...check, name: check.name.value, index })),
          ask: ({ index }, { name, at }, end) => this.#askCheck(name, { digest, index, at }, end),
          again: commands.again,
        },
        emit,
      );
  }

  receive(signal: Signal): void {
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

  async wait({ until = Number.POSITIVE_INFINITY, heard, over }: Wake): Promise<void> {
    const isWoken = (): boolean => this.#isStopping || over?.aborted === true || this.#signals.length > heard;
    if (until === Number.POSITIVE_INFINITY) return condition(isWoken);
    const left = until - this.now();
    if (left > 0) await condition(isWoken, left);
  }

  async look(): Promise<RunResult> {
    const { clusters, sideBySide } = this.#order;
    const seen = new Map<string, RunResult>();
    await forEachLimited(clusters, sideBySide, async (cluster) => {
      if (this.#isStopping) return;
      const { result, told } = await this.#ask(cluster, 'look', 'unchanged');
      this.#report(told);
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
    const { shut, opens, told, isNotStarted, wasTakenOver, ...done } = await this.#carryOut(cluster);
    if (shut.length > 0) this.windows.shut(name, opens);
    this.#report(told);
    if (wasTakenOver) this.#report([takenOver(name)]);
    const result = (await this.#checks?.judgeAfterwards(play, name, done.result, wasTakenOver)) ?? done.result;
    const elapsedMs = this.now() - started;
    this.#emit({ type: 'cluster-finished', play, cluster: ref, outcome: outcomeOf(result), elapsedMs });
    return { result, shut, ...(isNotStarted && { isNotStarted }) };
  }

  async lookAgain(name: string): Promise<string | undefined> {
    const cluster = this.#clusterOf(name);
    const why = await this.#activities(cluster)
      .lookAgain(this.#orderOf(cluster, this.#ranAt.get(name) ?? this.#nowText()))
      .catch((error: unknown) => notDone(error, cluster).reason);
    return why === '' ? undefined : why;
  }

  /** The workers of its first cluster are there in any case. Whatever becomes of the hooks changes nothing. */
  async callWave(wave: WaveFacts): Promise<void> {
    const [first = ''] = wave.clusters;
    if (!this.#order.waveHooks) return;
    const cluster = this.#clusterOf(first);
    const told = await this.#activities(cluster)
      .callWave({ ...this.#orderOf(cluster, this.#nowText()), wave })
      .catch((error: unknown): readonly Event[] => {
        const { reason, remedy } = notDone(error, cluster);
        return [
          { type: 'warning', hosts: [], message: `wave ${wave.wave}: on_wave was not called: ${reason}`, remedy },
        ];
      });
    this.#report(told);
  }

  /** Where there was nothing to do on any cluster, nobody has approved anything, and nothing is done. */
  async #carryOut(cluster: OrderedCluster): Promise<Answer & Pick<ClusterRun, 'isNotStarted'>> {
    const look = this.#look;
    if (look && !isToBeConfirmed(look.plans))
      return { result: partOf(look, cluster.name, cluster.hosts), shut: [], told: [] };
    return this.#checks?.standBefore ? this.#runChecked(cluster, this.#checks) : this.#ask(cluster, 'run', 'unknown');
  }

  /**
   * Looks before the checks are asked: a cluster on which nothing is to be done, or that is outside its windows, is not asked about, and
   * then not changed either. Where its run might change something all the same, as its window has opened since or a rescue might, they
   * are asked then, and it is run again.
   */
  async #runChecked(
    cluster: OrderedCluster,
    checks: ClusterChecks<OrderedCheck>,
  ): Promise<Answer & Pick<ClusterRun, 'isNotStarted'>> {
    if (!this.#isDue(await this.#ask(cluster, 'look', 'unchanged'))) {
      const answer = await this.#ask(cluster, 'run', 'unknown', { isUnchecked: true });
      if (!answer.wasUnchecked) return answer;
    }
    const start = new AbortController();
    const forbidden = await checks.whyForbidden(this.#order.play, cluster, start);
    if (start.signal.aborted || this.#isStopping)
      return { result: { ...NO_RESULT, left: cluster.hosts }, shut: [], told: [], isNotStarted: true };
    return forbidden ? this.#refused(cluster, forbidden) : this.#ask(cluster, 'run', 'unknown');
  }

  /** Something is to be done, and may be. */
  #isDue({ result: { plans } }: Answer): boolean {
    const isOpen = this.#order.work.window === 'override' || plans.every(({ window }) => window?.state !== 'shut');
    return isOpen && isToBeConfirmed(plans);
  }

  /** @returns why it does not pass, in a clause. What is not answered has not passed. */
  async #askCheck(name: string, check: CheckOrder['check'], end: AbortSignal): Promise<string | undefined> {
    const cluster = this.#clusterOf(name);
    const order: CheckOrder = { ...this.#orderOf(cluster, this.#nowText()), check };
    const scope = new CancellationScope();
    const cancel = (): void => scope.cancel();
    end.addEventListener('abort', cancel);
    try {
      const why = await scope.run(() => this.#activities(cluster).check(order));
      return why === '' ? undefined : why;
    } catch (error) {
      return notDone(error, cluster).reason;
    } finally {
      end.removeEventListener('abort', cancel);
    }
  }

  /** @param otherwise in which state its hosts are when no worker says so. @param more of the order of a run */
  async #ask(
    cluster: OrderedCluster,
    what: 'look' | 'run',
    otherwise: HostStateCode,
    more: Pick<ClusterOrder, 'isUnchecked'> = {},
  ): Promise<Answer> {
    const now = this.#nowText();
    this.#ranAt.set(cluster.name, now);
    try {
      const report = await this.#activities(cluster)[what]({ ...this.#orderOf(cluster, now), ...more });
      return { ...report, result: resultOf(report.result) };
    } catch (error) {
      return this.#unknown(cluster, error, otherwise);
    }
  }

  #refused({ name, hosts }: OrderedCluster, why: Forbidden): Answer {
    const cluster: ClusterRef = { kind: 'declared', name };
    const recaps = hosts.map((host) => ({ ...UNTOUCHED, host, cluster, refused: 1 }));
    return {
      result: { ...NO_RESULT, hosts: recaps, refused: hosts },
      shut: [],
      told: [{ type: 'play-refused', play: this.#order.play, cluster, hosts, ...why }],
    };
  }

  /** No worker has said what has become of it. What is thrown otherwise is a bug. */
  #unknown(asked: OrderedCluster, error: unknown, state: HostStateCode): Answer {
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
    const { version, runId, work } = this.#order;
    return { version, runId, now, cluster, work };
  }

  /** What a look has told of a host is not told again by its run. */
  #report(told: readonly Event[]): void {
    for (const event of told) {
      const text = JSON.stringify(event);
      if (event.type === 'host-refused' && this.#refusals.has(text)) continue;
      if (event.type === 'host-refused') this.#refusals.add(text);
      this.#emit(event);
    }
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

function takenOver(cluster: string): Event {
  return {
    type: 'warning',
    hosts: [],
    message: `cluster ${cluster} was started by one worker and finished by another: what the first one has changed is not told here`,
    remedy: 'it stands in the journal of that worker: kplay history, on its machine',
  };
}
