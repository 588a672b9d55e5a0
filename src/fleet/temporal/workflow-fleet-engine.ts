import { CancellationScope, condition, proxyActivities } from '@temporalio/workflow';
import type { ClusterRef } from '../../core/cluster.ts';
import type { Event, EventSink } from '../../core/events/event.ts';
import type { HostStateCode } from '../../core/events/recap.ts';
import { forEachLimited } from '../../core/limited.ts';
import { isToBeConfirmed, needsWindow } from '../../core/plan-totals.ts';
import type { Signal } from '../../core/signal.ts';
import { mergedResults } from '../../engine/result-sum.ts';
import type { Forbidden, WaveFacts } from '../../engine/run-request.ts';
import { NO_RESULT, type RunResult, UNTOUCHED } from '../../engine/run-result.ts';
import type { CheckTimes } from '../rollout/check-attempts.ts';
import { ClusterChecks } from '../rollout/cluster-checks.ts';
import { outcomeOf, partOf } from '../rollout/cluster-outcome.ts';
import type { ClusterRun, FleetEngine, WakeConditions } from '../rollout/fleet-engine.ts';
import { PICKUP_TIMEOUT, whyNotDone } from './not-done.ts';
import { asOfVersion } from './older-orders.ts';
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

/** A check of the rollout, which workers identify by its index. */
type OrderedCheck = CheckTimes & { readonly index: number };

/** Runs the clusters of a rollout on the workers of their sites. Waits happen in the server: no process has to stay alive. */
export class WorkflowFleetEngine implements FleetEngine {
  readonly #order: RolloutOrder;
  readonly #emit: EventSink;
  readonly #signals: Signal[] = [];
  /** The reference time for what was due on each cluster. */
  readonly #ranAt = new Map<string, string>();
  /** Refusals of hosts that have been reported. */
  readonly #refusals = new Set<string>();
  readonly windows = new ReportedWindows(() => this.now());
  readonly #checks: ClusterChecks<OrderedCheck> | undefined;
  #look: RunResult | undefined;
  #isStopping = false;
  #whyStopping: string | undefined;

  constructor(order: RolloutOrder, checks: UnpackedRollout['checks'], emit: EventSink) {
    this.#order = order;
    this.#emit = emit;
    const { checks: digest, commands, unproven } = order;
    if (digest !== undefined)
      this.#checks = new ClusterChecks(
        this,
        {
          checks: checks.map((check, index) => ({ ...check, name: check.name.value, index })),
          ask: ({ index }, { name, at }, end) => this.#askCheck(name, { digest, index, at }, end),
          again: commands.again,
          unproven: new Set(unproven),
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

  /** Stops, as somebody on the server has demanded. */
  cancel(): void {
    if (!this.#isStopping) this.#whyStopping = 'the rollout was cancelled on the Temporal server';
    this.stop();
  }

  get whyStopping(): string | undefined {
    return this.#whyStopping;
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

  async wait({ until = Number.POSITIVE_INFINITY, signalCount, over }: WakeConditions): Promise<void> {
    const shouldWake = (): boolean => this.#isStopping || over?.aborted === true || this.#signals.length > signalCount;
    if (until === Number.POSITIVE_INFINITY) return condition(shouldWake);
    const left = until - this.now();
    if (left > 0) await condition(shouldWake, left);
  }

  async look(): Promise<RunResult> {
    const { clusters, sideBySide } = this.#order;
    const results = new Map<string, RunResult>();
    await forEachLimited(clusters, sideBySide, async (cluster) => {
      if (this.#isStopping) return;
      const { result, told: events } = await this.#ask(cluster, 'look', 'unchanged');
      this.#report(events);
      for (const { window } of result.plans)
        if (window?.state === 'shut') this.windows.markShut(cluster.name, window.opens);
      results.set(cluster.name, result);
    });
    // In the order of the inventory, whichever was observed first.
    this.#look = mergedResults(clusters.flatMap(({ name }) => results.get(name) ?? []));
    return this.#look;
  }

  async run(name: string, _atOnce: number, isBound: boolean): Promise<ClusterRun> {
    const { play } = this.#order;
    const cluster = this.#clusterOf(name);
    const ref: ClusterRef = { kind: 'declared', name };
    const started = this.now();
    this.#emit({ type: 'cluster-started', play, cluster: ref, hosts: cluster.hosts });
    const { shut, opens, told: events, isNotStarted, wasTakenOver, ...done } = await this.#carryOut(cluster, isBound);
    if (shut.length > 0) this.windows.markShut(name, opens);
    this.#report(events);
    if (wasTakenOver) this.#report([takenOver(name)]);
    const result = (await this.#checks?.checkAfter(play, name, done.result, wasTakenOver)) ?? done.result;
    const elapsedMs = this.now() - started;
    this.#emit({ type: 'cluster-finished', play, cluster: ref, outcome: outcomeOf(result), elapsedMs });
    return { result, shut, ...(isNotStarted && { isNotStarted }) };
  }

  async lookAgain(name: string): Promise<string | undefined> {
    const cluster = this.#clusterOf(name);
    const why = await this.#activities(cluster)
      .lookAgain(this.#orderOf(cluster, this.#ranAt.get(name) ?? this.#nowText()))
      .catch((error: unknown) => whyNotDone(error, cluster).reason);
    return why === '' ? undefined : why;
  }

  /** The wave's first cluster certainly has workers. The results of hooks do not affect the rollout. */
  async callWave(wave: WaveFacts): Promise<void> {
    const [first = ''] = wave.clusters;
    if (!this.#order.waveHooks) return;
    const cluster = this.#clusterOf(first);
    const events = await this.#activities(cluster)
      .callWave({ ...this.#orderOf(cluster, this.#nowText()), wave })
      .catch((error: unknown): readonly Event[] => {
        const { reason, remedy } = whyNotDone(error, cluster);
        return [
          { type: 'warning', hosts: [], message: `wave ${wave.wave}: on_wave was not called: ${reason}`, remedy },
        ];
      });
    this.#report(events);
  }

  /**
   * If no cluster had anything to do, nobody was asked for approval, and nothing is done.
   * @param isBound neither had any cluster of its wave
   */
  async #carryOut(cluster: OrderedCluster, isBound: boolean): Promise<Answer & Pick<ClusterRun, 'isNotStarted'>> {
    const look = this.#look;
    if (look && (isBound || !isToBeConfirmed(look.plans)))
      return { result: partOf(look, cluster.name, cluster.hosts), shut: [], told: [] };
    return this.#checks?.hasChecksBefore
      ? this.#runChecked(cluster, this.#checks)
      : this.#ask(cluster, 'run', 'unknown');
  }

  /**
   * Observes the cluster before its checks run: if nothing has to be done, or its window is closed, they are skipped, and then
   * it is not changed either. If its run might change something all the same, because its window has opened since or a rescue
   * might run, the checks run and it is run again.
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
    const forbidden = await checks.checkBefore(this.#order.play, cluster, start);
    if (start.signal.aborted || this.#isStopping)
      return { result: { ...NO_RESULT, left: cluster.hosts }, shut: [], told: [], isNotStarted: true };
    return forbidden ? this.#refused(cluster, forbidden) : this.#ask(cluster, 'run', 'unknown');
  }

  /** Whether something has to be changed, and may be. */
  #isDue({ result: { plans } }: Answer): boolean {
    const { version, work } = this.#order;
    const isOpen = work.window === 'override' || plans.every(({ window }) => window?.state !== 'shut');
    return isOpen && (version < 6 ? isToBeConfirmed : needsWindow)(plans);
  }

  /** @returns why it does not pass, in a clause. No answer counts as not passed. */
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
      return whyNotDone(error, cluster).reason;
    } finally {
      end.removeEventListener('abort', cancel);
    }
  }

  /** @param fallback the state of its hosts if no worker reports it. @param more further fields of the order */
  async #ask(
    cluster: OrderedCluster,
    what: 'look' | 'run',
    fallback: HostStateCode,
    more: Pick<ClusterOrder, 'isUnchecked'> = {},
  ): Promise<Answer> {
    const now = this.#nowText();
    this.#ranAt.set(cluster.name, now);
    try {
      const report = await this.#activities(cluster)[what]({ ...this.#orderOf(cluster, now), ...more });
      return { ...report, result: asOfVersion(this.#order.version, resultOf(report.result)) };
    } catch (error) {
      return this.#unknown(cluster, error, fallback);
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

  /** The result if no worker has reported one. Any other error is a bug. */
  #unknown(requested: OrderedCluster, error: unknown, state: HostStateCode): Answer {
    const { name, hosts } = requested;
    const { code, reason, remedy } = whyNotDone(error, requested);
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
      scheduleToStartTimeout: PICKUP_TIMEOUT,
      startToCloseTimeout: '2 days',
      retry: { initialInterval: '2 seconds', backoffCoefficient: 1, maximumAttempts: 100 },
    });
  }

  #orderOf(cluster: OrderedCluster, now: string): ClusterOrder {
    const { version, runId, work } = this.#order;
    return { version, runId, now, cluster, work };
  }

  /** Reports events, without refusals that an earlier look at the cluster has reported. */
  #report(events: readonly Event[]): void {
    for (const event of events) {
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
