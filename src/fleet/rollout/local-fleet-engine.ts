import type { ClusterRef } from '../../core/cluster.ts';
import { clusterSink } from '../../core/events/cluster-sink.ts';
import type { Event, EventSink } from '../../core/events/event.ts';
import { plannedRefusals } from '../../core/events/planned-refusals.ts';
import { isToBeAltered } from '../../core/plan-totals.ts';
import type { Signal } from '../../core/signal.ts';
import { withoutTimes } from '../../core/without-times.ts';
import { applyRun, planRun } from '../../engine/run.ts';
import type { ApplyRequest, WaveFacts } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { waitUntil } from '../wait-until.ts';
import { type Checks, ClusterChecks } from './cluster-checks.ts';
import { outcomeOf } from './cluster-outcome.ts';
import type { ClusterRun, FleetEngine, WakeConditions } from './fleet-engine.ts';
import { hostsByCluster } from './hosts-by-cluster.ts';
import { whyChanged } from './unsettled.ts';

/** Events about the play as a whole, reported after the first look at all clusters. */
const PLAY_EVENTS: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'play-started',
  'play-planned',
  'play-finished',
  'window-late',
]);

/** Runs the clusters of a play in this process. Only clusters in progress hold connections. */
export class LocalFleetEngine implements FleetEngine {
  readonly #request: ApplyRequest;
  readonly #wallClock: () => Date;
  /** The warnings of the first look, each for every one of its hosts. */
  readonly #warned = new Set<string>();
  readonly #signals: () => readonly Signal[];
  readonly #checks: ClusterChecks;
  /** The reference time for what was due on each cluster. */
  readonly #ranAt = new Map<string, Date>();
  #shown: ApplyRequest['saved'];
  /** The refusals in what was shown. */
  #refusals: ReadonlySet<string> = new Set();
  /** By cluster, for each of the plays. */
  readonly #hosts: readonly ReturnType<typeof hostsByCluster>[];

  /** @param wallClock the time of day, by which windows are defined. @param signals all signals so far */
  constructor(request: ApplyRequest, wallClock: () => Date, signals: () => readonly Signal[], checks: Checks) {
    this.#request = request;
    this.#wallClock = wallClock;
    this.#hosts = request.plays.map(hostsByCluster);
    this.#signals = signals;
    this.#checks = new ClusterChecks(this, checks, request.tools.emit);
  }

  signals(): readonly Signal[] {
    return this.#signals();
  }

  get isStopping(): boolean {
    return this.#request.stop.aborted;
  }

  now(): number {
    return this.#wallClock().getTime();
  }

  async look(): Promise<RunResult> {
    const { tools } = this.#request;
    const emit: EventSink = (event) => {
      if (event.type === 'warning') for (const key of keysOf(event)) this.#warned.add(key);
      tools.emit(event);
    };
    const result = await planRun({ ...this.#request, tools: { ...tools, emit } });
    this.#shown = result.plans;
    this.#refusals = new Set(result.plans.flatMap(plannedRefusals).map((refusal) => JSON.stringify(refusal)));
    return result;
  }

  async run(name: string, atOnce: number, isBound: boolean): Promise<ClusterRun> {
    const { tools, saved, sideBySide: _, ...rest } = this.#request;
    const cluster: ClusterRef = { kind: 'declared', name };
    const own = this.#playsOf(name);
    const [play] = own;
    if (!play) throw new Error('a rollout without a play');
    const shut = new Set<string>();
    const report = this.#sinkForNew(cluster);
    const emit: EventSink = (event) => {
      if (event.type === 'window-shut') for (const host of event.hosts) shut.add(host);
      report(event);
    };
    const started = tools.clock().getTime();
    tools.emit({ type: 'cluster-started', play: play.name, cluster, hosts: play.hosts.map(({ host }) => host.name) });
    const { confirm, ...unasked } = rest;
    // What was shown and confirmed is what is done. If nothing had to be done, nobody was asked, and nothing may be done either.
    const bound = saved ?? (isBound || confirm || !isToBeAltered(this.#shown ?? []) ? this.#shown : undefined);
    // Otherwise what is due is decided when the cluster's turn comes.
    const now = bound ? this.#request.now : tools.clock();
    this.#ranAt.set(name, now);
    const start = new AbortController();
    const applied = await applyRun({
      ...unasked,
      stop: AbortSignal.any([unasked.stop, start.signal]),
      forbids: (hosts) => this.#checks.checkBefore(play.name, { name, hosts }, start),
      plays: own,
      tools: { ...tools, emit, forks: this.#forksOf(atOnce) },
      sideBySide: 1,
      now,
      ...(bound && { saved: bound }),
    });
    const result = await this.#checks.checkAfter(play.name, name, applied);
    const elapsedMs = tools.clock().getTime() - started;
    tools.emit({ type: 'cluster-finished', play: play.name, cluster, outcome: outcomeOf(result), elapsedMs });
    const hosts = result.hosts.map((recap) => ({ ...recap, cluster }));
    return { result: { ...result, hosts }, shut: [...shut], ...(start.signal.aborted && { isNotStarted: true }) };
  }

  /** Reports events of a cluster that the first look has not reported. Its plan is only used to find new refusals. */
  #sinkForNew(cluster: ClusterRef): EventSink {
    const emit = clusterSink(this.#request.tools.emit, cluster);
    return (event) => {
      if (event.type === 'play-planned')
        for (const refusal of plannedRefusals(event.plan))
          if (!this.#refusals.has(JSON.stringify(refusal))) emit(refusal);
      const isKnown = event.type === 'warning' && keysOf(event).every((key) => this.#warned.has(key));
      if (!PLAY_EVENTS.has(event.type) && !isKnown) emit(event);
    };
  }

  async lookAgain(name: string, atOnce: number): Promise<string | undefined> {
    const { tools } = this.#request;
    const emitForPlay = clusterSink(tools.emit, { kind: 'declared', name });
    const emit: EventSink = (event) => {
      if (!PLAY_EVENTS.has(event.type) && event.type !== 'warning') emitForPlay(event);
    };
    const result = await planRun({
      ...this.#request,
      now: this.#ranAt.get(name) ?? this.#request.now,
      plays: this.#playsOf(name),
      tools: { ...tools, emit, forks: this.#forksOf(atOnce) },
    });
    if (result.mistake !== undefined) throw result.mistake;
    return whyChanged(result);
  }

  async callWave(facts: WaveFacts): Promise<void> {
    const { plays, runId, callHooks } = this.#request;
    const [play] = plays;
    if (play) await callHooks?.(play, 'wave', { id: runId, play: play.name, ...facts });
  }

  async callFailure(name: string, { failed, refused, unreachable }: RunResult): Promise<void> {
    const { tools, runId, callHooks } = this.#request;
    const [play] = this.#playsOf(name);
    if (!play?.hooks.some(({ moment }) => moment === 'failure') || tools.abort.aborted) return;
    const hosts = play.hosts.map(({ host }) => host.name);
    const facts = { id: runId, play: play.name, hosts, changed: [], failed, refused, unreachable };
    await callHooks?.(play, 'failure', facts);
  }

  #playsOf(name: string): ApplyRequest['plays'] {
    const { plays } = this.#request;
    return plays.map((play, index) => ({ ...play, hosts: this.#hosts[index]?.get(name) ?? [] }));
  }

  async wait({ until = Number.POSITIVE_INFINITY, signalCount, over }: WakeConditions): Promise<void> {
    const { tools } = this.#request;
    const stop = over ? AbortSignal.any([this.#request.stop, over]) : this.#request.stop;
    const isOver = (): boolean => this.signals().length > signalCount;
    await waitUntil(until, { now: () => this.now(), wait: tools.wait, stop, isOver });
  }

  /** How many hosts of one cluster are processed at the same time, if there are so many clusters. */
  #forksOf(clusters: number): number {
    return Math.max(1, Math.floor(this.#request.tools.forks / clusters));
  }
}

/** The first look may have warned of several clusters at once, and hours ago. */
function keysOf({ hosts, message }: Extract<Event, { readonly type: 'warning' }>): readonly string[] {
  const text = withoutTimes(message);
  return (hosts.length === 0 ? [''] : hosts).map((host) => `${host}\0${text}`);
}
