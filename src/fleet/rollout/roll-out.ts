import { isToBeConfirmed } from '../../core/plan-totals.ts';
import { approvalFor, signalState } from '../../core/signal.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { Approvals } from './approvals.ts';
import { outcomeOf, partOf } from './cluster-outcome.ts';
import { ClusterStates } from './cluster-states.ts';
import { type Decision, decide, mostAtOnce, type Situation } from './decide.ts';
import type { ClusterRun, FleetEngine } from './fleet-engine.ts';
import { announceWaves, isWork, outsideWaves, planOf } from './known-waves.ts';
import { findLateBehind } from './late-behind.ts';
import { Openings } from './openings.ts';
import type { RolloutRequest } from './rollout-request.ts';
import { RolloutResult } from './rollout-result.ts';
import { soakWave } from './soak.ts';
import { stopEvent } from './stop.ts';
import { Waits } from './waits.ts';
import { WaveProgress } from './wave-progress.ts';
import { failureLimit, type PlannedWave } from './waves.ts';

/**
 * Goes through the clusters of a play in waves. Those of a wave run side by side; each is observed and planned again when its
 * turn comes. Ends when all clusters have ended, or too many have failed. @returns the results of all hosts
 */
export async function rollOut(engine: FleetEngine, request: RolloutRequest): Promise<RunResult> {
  const firstLook = await engine.look();
  if (firstLook.mistake !== undefined || engine.isStopping) return firstLook;
  const { waves, look } = announceWaves(request, firstLook, signalState(engine.signals()).approvals);
  const waits = new Waits(engine, request);
  // No confirmation of a run that an operator aborted during the first look.
  const needsConfirmation = isToBeConfirmed(look.plans) && !waits.listen().aborted;
  if (needsConfirmation && request.confirm && !(await request.confirm(look.plans)))
    return { ...look, wasConfirmed: false };
  return new RolloutRun(engine, request, look, waves, waits).run();
}

/** A rollout in progress. */
class RolloutRun {
  readonly #engine: FleetEngine;
  readonly #request: RolloutRequest;
  readonly #look: RunResult;
  readonly #waves: readonly PlannedWave[];
  readonly #states: ClusterStates;
  readonly #started = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  /** The time of the last decision. */
  #decidedAt = 0;
  readonly #result: RolloutResult;
  readonly #settled = new Set<string>();
  readonly #approved = new Set<string>();
  readonly #waits: Waits;
  readonly #approvals: Approvals;
  readonly #openings: Openings;
  readonly #waveProgress: WaveProgress;

  constructor(
    engine: FleetEngine,
    request: RolloutRequest,
    look: RunResult,
    waves: readonly PlannedWave[],
    waits: Waits,
  ) {
    this.#engine = engine;
    this.#request = request;
    this.#look = look;
    this.#waves = waves;
    this.#waits = waits;
    this.#approvals = new Approvals(waits, request, look);
    this.#openings = new Openings(request, look, this.#started);
    this.#waveProgress = new WaveProgress(engine, request, waves, look);
    // If nothing has to be done at all, there is nothing to wait for.
    if (!isWork(look.plans, request)) for (const { name } of waves) this.#settled.add(name);
    // After a look that fails, the next wave is asked for.
    if (!isToBeConfirmed(look.plans)) for (const { name } of waves) this.#approved.add(name);
    this.#states = new ClusterStates(waves, this.#openings, () => this.#decidedAt);
    // Each cluster is counted when its turn comes; those that never have one are counted now.
    this.#result = new RolloutResult(look, request.hostsOf);
    for (const name of outsideWaves(waves, request.hostsOf)) this.#result.addLook(name);
  }

  /** If anything throws, nothing more is started, clusters in progress are finished, and the known results are returned. */
  async run(): Promise<RunResult> {
    const { play, emit, clock } = this.#request;
    const started = clock().getTime();
    await this.#runWaves().catch((error: unknown) => this.#result.recordBug(error));
    await Promise.all(this.#running.values());
    await this.#waveProgress.end(this.#situation()).catch((error: unknown) => this.#result.recordBug(error));
    for (const { name, state } of this.#states.all) {
      if (state !== 'waiting') continue;
      if (!this.#started.has(name)) this.#result.addLook(name);
      this.#result.addUntouched(name);
    }
    try {
      emit({ type: 'play-finished', play, elapsedMs: clock().getTime() - started });
    } catch (error) {
      this.#result.recordBug(error);
    }
    return this.#result.value;
  }

  async #runWaves(): Promise<void> {
    const { play, emit } = this.#request;
    const clusters = this.#states.all.map(({ name }) => ({ kind: 'declared', name }) as const);
    emit({ type: 'rollout-started', play, sideBySide: mostAtOnce(this.#waves, this.#limits), clusters });
    for (;;) {
      this.#waits.listen();
      const situation = this.#situation();
      if (await this.#waveProgress.endIfDone(situation)) continue;
      const decision: Decision = this.#isOver ? { kind: 'wait' } : decide(situation);
      switch (decision.kind) {
        case 'done':
          return;
        case 'aborted':
          this.#result.abort();
          return this.#reportStop(decision);
        case 'stopped':
        case 'held':
          return this.#reportStop(decision);
        case 'approve':
          if (await this.#approve(decision.wave)) break;
          return this.#reportStop({ kind: 'held', wave: decision.wave - 1, isApprovedTooEarly: true });
        case 'settle':
          await this.#settle(decision.wave);
          break;
        case 'start':
          // Signals may have arrived while hooks were called for the wave.
          if (await this.#waveProgress.startIfNew(decision.wave)) break;
          for (const name of decision.clusters) this.#startOrLeave(name, this.#waves[decision.wave]);
          break;
        case 'wait':
          if (this.#isOver && this.#running.size === 0) return this.#reportInterruption();
          await this.#wait(decision.until);
      }
    }
  }

  #reportStop(decision: Parameters<typeof stopEvent>[0]): void {
    const { play, emit, commands, hostsOf } = this.#request;
    const { aborted } = this.#waits.signalState;
    const states = this.#states.all;
    const windowOf = (name: string) => planOf(this.#look, hostsOf.get(name) ?? [])?.window;
    emit(stopEvent(decision, play, this.#waves, states, { aborted, again: commands.again, windowOf }));
    if (decision.kind !== 'held') return;
    this.#result.addLate(findLateBehind(states, this.#look, this.#request, this.#engine.now()));
  }

  #reportInterruption(): void {
    const isUnfinished = this.#states.all.some(({ state }) => state === 'waiting');
    const { whyStopping: why } = this.#engine;
    if (isUnfinished && !this.#result.hasBug)
      this.#reportStop({ kind: 'interrupted', ...(why !== undefined && { why }) });
  }

  /** Nothing more may be started, whatever the budgets allow: after a bug, too. */
  get #isOver(): boolean {
    return this.#engine.isStopping || this.#result.hasBug;
  }

  get #limits(): Pick<Situation, 'maxFailed' | 'sideBySide'> {
    const { rollout, sideBySide, candidates } = this.#request;
    return { maxFailed: failureLimit(rollout.maxFailed?.value, candidates.length), sideBySide };
  }

  #situation(): Situation {
    const { paused, aborted } = this.#waits.signalState;
    const now = this.#engine.now();
    this.#decidedAt = now;
    const halt = aborted ? 'aborted' : paused && 'paused';
    return {
      waves: this.#waves.map(({ name, clusters, soak, approval, maxFailed, onFailure }, index) => ({
        maxFailed,
        stopsOnFailure: onFailure === 'stop',
        isApproved: approval === undefined || this.#approved.has(name),
        isSettled: soak === undefined || this.#settled.has(name) || !this.#hasSucceeded(clusters),
        clusters: this.#states.inWave(index),
      })),
      ...this.#limits,
      now,
      ...(halt && { halt }),
    };
  }

  /** Whether any of the clusters has to be observed again. */
  #hasSucceeded(clusters: readonly string[]): boolean {
    return clusters.some((name) => this.#states.of(name) === 'ok');
  }

  #startOrLeave(name: string, wave: PlannedWave | undefined): void {
    const leave = this.#openings.shut(name);
    if (!leave) this.#started.add(name);
    this.#states.set(name, 'running');
    this.#running.set(
      name,
      (leave ? this.#leave(name, leave()) : this.#run(name, wave))
        .catch((error: unknown) => {
          this.#result.recordBug(error);
          this.#states.set(name, 'failed');
        })
        .finally(() => this.#running.delete(name)),
    );
  }

  /** A cluster that could not be planned with the others is not tried alone: another cluster may have been the cause. */
  async #run(name: string, wave: PlannedWave | undefined): Promise<void> {
    const hosts = this.#request.hostsOf.get(name) ?? [];
    if (!planOf(this.#look, hosts)) return this.#leave(name, { result: partOf(this.#look, name, hosts), shut: [] });
    const atOnce = mostAtOnce(wave ? [wave] : [], this.#limits);
    const run = await this.#engine.run(name, atOnce, this.#approvals.isUnneeded(wave));
    if (run.isNotStarted && run.result.mistake === undefined) return this.#states.set(name, 'waiting');
    this.#end(name, run);
  }

  /** Ends a cluster that is not run. */
  async #leave(name: string, run: ClusterRun): Promise<void> {
    const isFailure = !['ok', 'cancelled'].includes(outcomeOf(run.result));
    if (isFailure) await this.#engine.callFailure?.(name, run.result);
    this.#end(name, run);
  }

  #end(name: string, { result, shut }: ClusterRun): void {
    this.#result.add(result);
    const outcome = outcomeOf(result);
    // Any other refusal, such as of a host that has changed, is a failure whatever the window.
    const isShut = shut.length > 0 && result.refused.every((host) => shut.includes(host));
    if (isShut && outcome !== 'failed' && outcome !== 'unreachable') this.#awaitWindow(name, result);
    else this.#states.set(name, outcome === 'ok' ? 'ok' : outcome === 'cancelled' ? 'left' : 'failed');
  }

  /** Lets a cluster wait for its next window, if the policy is to wait and there is one. */
  #awaitWindow(name: string, { left }: RunResult): void {
    const window = this.#request.awaitedWindows?.ask(name, 1);
    const waits = window?.state === 'open' || window?.opens !== undefined;
    this.#states.set(name, waits ? 'waiting' : 'left');
    if (this.#request.awaitedWindows && !waits) this.#result.refuseLeft(left);
  }

  /** Before a wave: takes its approval, or waits for one. @returns false if the wave must not start */
  async #approve(index: number): Promise<boolean> {
    const wave = this.#waves[index];
    if (!wave) return true;
    if (await this.#leaveShut(wave)) return true;
    const failed = this.#states.all.filter(({ state }) => state === 'failed').map((each) => each.name);
    const approved = await this.#approvals.take(wave, this.#waves[index - 1], failed);
    if (approved === 'approved' || approved === 'not needed') this.#approved.add(wave.name);
    return approved !== 'too early';
  }

  /** Leaves a wave that would be approved in vain, because all that is due in it is shut. @returns whether it did */
  async #leaveShut(wave: PlannedWave): Promise<boolean> {
    const waiting = wave.clusters.filter((name) => this.#states.of(name) === 'waiting');
    const shut = this.#openings.allShut(waiting);
    if (!shut || approvalFor(wave, this.#waits.signalState.approvals)) return false;
    for (const [name, leave] of shut) {
      // Signals may have arrived while hooks were called for the one before.
      const { aborted, paused } = this.#waits.listen();
      if (this.#isOver || aborted || paused) return true;
      await this.#leave(name, leave());
    }
    this.#approvals.waive(wave);
    this.#approved.add(wave.name);
    return true;
  }

  /** After a wave: leaves its clusters alone, then observes them again. */
  async #settle(index: number): Promise<void> {
    const wave = this.#waves[index];
    if (!wave) return;
    const isOver = (): boolean => this.#isOver || this.#waits.listen().aborted !== undefined;
    const isSettled = await soakWave(this.#engine, this.#request, {
      wave,
      done: wave.clusters.filter((name) => this.#states.of(name) === 'ok'),
      isOver,
      rest: (until) => this.#waits.rest(until, isOver),
      fail: (name) => {
        this.#states.set(name, 'failed');
        this.#result.failLater(name, 'the look after the soak');
      },
    });
    if (isSettled) this.#settled.add(wave.name);
  }

  async #wait(until: number | undefined): Promise<void> {
    const running = [...this.#running.values()];
    // When stopping, wait only for clusters in progress.
    if (this.#isOver) return Promise.race(running);
    if (until !== undefined && running.length === 0 && this.#waits.isNew(`window ${until}`)) {
      const clusters = this.#states.all.filter(({ opens }) => opens === until).map(({ name }) => name);
      this.#request.emit({ type: 'window-waiting', clusters, opens: new Date(until).toISOString() });
    }
    await this.#waits.untilWoken(until, running);
  }
}
