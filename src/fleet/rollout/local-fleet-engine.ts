import type { ClusterRef } from '../../core/cluster.ts';
import { clusterSink } from '../../core/events/cluster-sink.ts';
import type { Event, EventSink } from '../../core/events/event.ts';
import { plannedRefusals } from '../../core/events/planned-refusals.ts';
import { isToBeConfirmed } from '../../core/plan-totals.ts';
import type { Signal } from '../../core/signal.ts';
import { AT_WINDOW } from '../../engine/run/window-gate.ts';
import { applyRun, planRun } from '../../engine/run.ts';
import type { ApplyRequest, WaveFacts } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-state.ts';
import { type Checks, ClusterChecks } from './cluster-checks.ts';
import { outcomeOf } from './cluster-outcome.ts';
import type { ClusterRun, FleetEngine, Wake } from './fleet-engine.ts';
import { whyUnsettled } from './unsettled.ts';

/** So often the clock, and what was said to the run, is looked at while it waits: a machine that slept, or was set right, is followed. */
const LOOK_MS = 1_000;

/** Told of the play as a whole, when all clusters were looked at. */
const PLAY_EVENTS: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'play-started',
  'play-planned',
  'play-finished',
  'window-late',
]);

/** The clusters of a play, worked on by this process. Connections are held for those alone that are in hand. */
export class LocalFleetEngine implements FleetEngine {
  readonly #request: ApplyRequest;
  readonly #wallClock: () => Date;
  readonly #warned = new Set<string>();
  readonly #signals: () => readonly Signal[];
  readonly #checks: ClusterChecks;
  /** What was due on each cluster was judged by it. */
  readonly #ranAt = new Map<string, Date>();
  #shown: ApplyRequest['saved'];

  /** @param wallClock the time of day, by which windows are meant. @param signals what was said to the run until now */
  constructor(request: ApplyRequest, wallClock: () => Date, signals: () => readonly Signal[], checks: Checks) {
    this.#request = request;
    this.#wallClock = wallClock;
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
      if (event.type === 'warning') this.#warned.add(keyOf(event));
      tools.emit(event);
    };
    const result = await planRun({ ...this.#request, tools: { ...tools, emit } });
    this.#shown = result.plans;
    return result;
  }

  async run(name: string): Promise<ClusterRun> {
    const { tools, saved, sideBySide: _, ...rest } = this.#request;
    const cluster: ClusterRef = { kind: 'declared', name };
    const own = this.#playsOf(name);
    const [play] = own;
    if (!play) throw new Error('a rollout without a play');
    const shut = new Set<string>();
    const report = this.#newsSink(cluster);
    const emit: EventSink = (event) => {
      if (event.type === 'window-shut') for (const host of event.hosts) shut.add(host);
      report(event);
    };
    const started = tools.clock().getTime();
    tools.emit({ type: 'cluster-started', play: play.name, cluster, hosts: play.hosts.map(({ host }) => host.name) });
    const { confirm, ...unasked } = rest;
    // What was shown and approved is what is done. Where nothing was to be done nobody approves, and nothing may be done either.
    const bound = saved ?? (confirm || !isToBeConfirmed(this.#shown ?? []) ? this.#shown : undefined);
    // Otherwise what is due is judged when its turn comes.
    const now = bound ? this.#request.now : tools.clock();
    this.#ranAt.set(name, now);
    const start = new AbortController();
    const applied = await applyRun({
      ...unasked,
      stop: AbortSignal.any([unasked.stop, start.signal]),
      forbids: (hosts) => this.#checks.whyForbidden(play.name, { name, hosts }, start),
      plays: own,
      tools: { ...tools, emit, forks: this.#forks },
      sideBySide: 1,
      now,
      ...(bound && { saved: bound }),
    });
    const result = await this.#checks.judgeAfterwards(play.name, name, applied);
    const elapsedMs = tools.clock().getTime() - started;
    tools.emit({ type: 'cluster-finished', play: play.name, cluster, outcome: outcomeOf(result), elapsedMs });
    const hosts = result.hosts.map((recap) => ({ ...recap, cluster }));
    // A window that has shut once is not told again for the batches behind.
    for (const { host, stopped } of hosts) if (stopped?.at === AT_WINDOW) shut.add(host);
    return { result: { ...result, hosts }, shut: [...shut], ...(start.signal.aborted && { isNotStarted: true }) };
  }

  /** Reports what happens in a cluster, without what the look has said already. Its plan is not shown any more, but for new refusals. */
  #newsSink(cluster: ClusterRef): EventSink {
    const emit = clusterSink(this.#request.tools.emit, cluster);
    const known = new Set((this.#shown ?? []).flatMap(plannedRefusals).map((refusal) => JSON.stringify(refusal)));
    return (event) => {
      if (event.type === 'play-planned')
        for (const refusal of plannedRefusals(event.plan)) if (!known.has(JSON.stringify(refusal))) emit(refusal);
      const isKnown = event.type === 'warning' && this.#warned.has(keyOf(event));
      if (!PLAY_EVENTS.has(event.type) && !isKnown) emit(event);
    };
  }

  async lookAgain(name: string): Promise<string | undefined> {
    const { tools } = this.#request;
    const tell = clusterSink(tools.emit, { kind: 'declared', name });
    const emit: EventSink = (event) => {
      if (!PLAY_EVENTS.has(event.type) && event.type !== 'warning') tell(event);
    };
    const looked = await planRun({
      ...this.#request,
      now: this.#ranAt.get(name) ?? this.#request.now,
      plays: this.#playsOf(name),
      tools: { ...tools, emit, forks: this.#forks },
    });
    if (looked.mistake !== undefined) throw looked.mistake;
    return whyUnsettled(looked);
  }

  async callWave(facts: WaveFacts): Promise<void> {
    const { plays, runId, callHooks } = this.#request;
    const [play] = plays;
    if (play) await callHooks?.(play, 'wave', { id: runId, play: play.name, ...facts });
  }

  #playsOf(name: string): ApplyRequest['plays'] {
    const { plays } = this.#request;
    return plays.map((play) => ({ ...play, hosts: play.hosts.filter(({ host }) => host.cluster === name) }));
  }

  async wait({ until = Number.POSITIVE_INFINITY, heard, over }: Wake): Promise<void> {
    const { tools } = this.#request;
    const stop = over ? AbortSignal.any([this.#request.stop, over]) : this.#request.stop;
    try {
      for (let left = until - this.now(); left > 0 && !stop.aborted; left = until - this.now()) {
        if (this.signals().length > heard) return;
        await tools.wait(Math.min(left, LOOK_MS), stop);
      }
    } catch (error) {
      if (!stop.aborted) throw error;
    }
  }

  /** How many hosts of one cluster are worked on at the same time. */
  get #forks(): number {
    return Math.max(1, Math.floor(this.#request.tools.forks / this.#sideBySide));
  }

  get #sideBySide(): number {
    return Math.min(this.#request.sideBySide, this.#request.tools.forks);
  }
}

function keyOf({ hosts, message }: Extract<Event, { readonly type: 'warning' }>): string {
  return JSON.stringify([hosts, message]);
}
