import { isToBeConfirmed } from '../../core/plan-totals.ts';
import { mergedResults, type RunResult } from '../../engine/run-state.ts';
import { failedAfterwards, outcomeOf, partOf, withLook, withUntouched } from './cluster-outcome.ts';
import { type ClusterProgress, type Decision, decide, type Situation } from './decide.ts';
import type { ClusterRun, FleetEngine } from './fleet-engine.ts';
import { announceWaves, planOf, unreachedBy } from './known-waves.ts';
import { Openings } from './openings.ts';
import type { RolloutRequest } from './rollout-request.ts';
import { hasSettled } from './soak.ts';
import { stopOf } from './stop.ts';
import { Waits } from './waits.ts';
import { WaveCourse } from './wave-course.ts';
import { allowedOf, type PlannedWave } from './waves.ts';

/**
 * Goes through the clusters of a play in waves: those of a wave side by side, each looked at and planned anew when its turn comes,
 * until all have ended or more have failed than may. @returns what has come of all hosts
 */
export async function rollOut(engine: FleetEngine, request: RolloutRequest): Promise<RunResult> {
  const { confirm } = request;
  const seen = await engine.look();
  if (seen.mistake !== undefined || engine.isStopping) return seen;
  const { waves, look } = announceWaves(request, seen);
  const waits = new Waits(engine, request);
  // Nobody is asked about what an operator has aborted during the look.
  const asks = isToBeConfirmed(look.plans) && !waits.listen().aborted;
  if (confirm && asks && !(await confirm(look.plans))) return { ...look, wasConfirmed: false };
  return new Progress(engine, request, look, waves, waits).go();
}

/** A rollout that goes on. */
class Progress {
  readonly #engine: FleetEngine;
  readonly #request: RolloutRequest;
  readonly #look: RunResult;
  readonly #waves: readonly PlannedWave[];
  readonly #states = new Map<string, ClusterProgress>();
  readonly #begun = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  /** The moment by which it was decided last. */
  #decidedAt = 0;
  #result: RunResult;
  #isBroken = false;
  readonly #settled = new Set<string>();
  readonly #approved = new Set<string>();
  readonly #waits: Waits;
  readonly #openings: Openings;
  readonly #course: WaveCourse;

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
    this.#openings = new Openings(request.waitsFor);
    this.#course = new WaveCourse(engine, request, waves, look);
    // Where nothing was to be done at all there is nothing to wait for.
    if (!isToBeConfirmed(look.plans))
      for (const { name } of waves) {
        this.#settled.add(name);
        this.#approved.add(name);
      }
    for (const name of waves.flatMap(({ clusters }) => clusters)) this.#set({ name, state: 'waiting' });
    // Each cluster counts when it has its turn; those that never have one count now.
    const none: RunResult = { ...look, hosts: [], unreachable: [], refused: [], failed: [], left: [] };
    this.#result = unreachedBy(waves, request.hostsOf).reduce(
      (result, name) => withLook(result, look, name, this.#hosts(name)),
      none,
    );
  }

  /** Whatever is thrown on the way: no more is begun, what is in hand is finished, and what is known is told. */
  async go(): Promise<RunResult> {
    const { play, emit, clock } = this.#request;
    const started = clock().getTime();
    try {
      await this.#goOn();
    } catch (error) {
      this.#blame(error);
    }
    await Promise.all(this.#running.values());
    await this.#course.end(this.#situation()).catch((error: unknown) => this.#blame(error));
    for (const { name, state } of this.#states.values()) {
      if (state !== 'waiting') continue;
      if (!this.#begun.has(name)) this.#result = withLook(this.#result, this.#look, name, this.#hosts(name));
      this.#result = withUntouched(this.#result, name, this.#hosts(name));
    }
    try {
      emit({ type: 'play-finished', play, elapsedMs: clock().getTime() - started });
    } catch (error) {
      this.#blame(error);
    }
    return this.#result;
  }

  async #goOn(): Promise<void> {
    const { play, emit, sideBySide } = this.#request;
    const clusters = [...this.#states.keys()].map((name) => ({ kind: 'declared', name }) as const);
    emit({ type: 'rollout-started', play, sideBySide: Math.min(sideBySide, clusters.length), clusters });
    for (;;) {
      this.#waits.listen();
      const situation = this.#situation();
      if (await this.#course.ends(situation)) continue;
      const decision: Decision = this.#isOver ? { kind: 'wait' } : decide(situation);
      switch (decision.kind) {
        case 'done':
          return;
        case 'aborted':
          this.#result = { ...this.#result, wasAborted: true };
          return this.#reportStop(decision);
        case 'stopped':
        case 'held':
          return this.#reportStop(decision);
        case 'approve':
          await this.#approve(decision.wave);
          break;
        case 'settle':
          await this.#settle(decision.wave);
          break;
        case 'start':
          // What was said while others were told of the wave is heard.
          if (await this.#course.begins(decision.clusters)) break;
          for (const name of decision.clusters) this.#start(name);
          break;
        case 'wait':
          if (this.#isOver && this.#running.size === 0) return;
          await this.#wait(decision.until);
      }
    }
  }

  #reportStop(decision: Parameters<typeof stopOf>[0]): void {
    const { play, emit, commands } = this.#request;
    const { aborted } = this.#waits.standing;
    emit(stopOf(decision, play, this.#waves, [...this.#states.values()], { aborted, again: commands.again }));
  }

  /** A bug: no more is begun. The first one is told. */
  #blame(error: unknown): void {
    this.#isBroken = true;
    this.#result = { ...this.#result, mistake: this.#result.mistake ?? error };
  }

  /** Nothing more is to be begun, whatever the budgets say. */
  get #isOver(): boolean {
    return this.#engine.isStopping || this.#isBroken;
  }

  #set(progress: ClusterProgress): void {
    this.#states.set(progress.name, progress);
  }

  #situation(): Situation {
    const { rollout, sideBySide, candidates } = this.#request;
    const { paused, aborted } = this.#waits.standing;
    const now = this.#engine.now();
    this.#decidedAt = now;
    const halt = aborted ? 'aborted' : paused && 'paused';
    return {
      waves: this.#waves.map(({ name, clusters, maxFailed, soak, approval }) => ({
        maxFailed,
        isApproved: approval === undefined || this.#approved.has(name),
        isSettled: soak === undefined || this.#settled.has(name) || !this.#hasDone(clusters),
        clusters: clusters.flatMap((name) => this.#progressOf(name, now)),
      })),
      maxFailed: allowedOf(rollout.maxFailed?.value, candidates.length),
      sideBySide,
      now,
      ...(halt && { halt }),
    };
  }

  /** Something of it is to be looked at again. */
  #hasDone(clusters: readonly string[]): boolean {
    return clusters.some((name) => this.#states.get(name)?.state === 'ok');
  }

  /** One that waits for its window says when that opens. */
  #progressOf(name: string, now: number): readonly ClusterProgress[] {
    const progress = this.#states.get(name);
    if (progress?.state !== 'waiting') return progress ? [progress] : [];
    const openings = this.#openings;
    return [
      {
        ...progress,
        get opens() {
          return openings.opens(name, now);
        },
      },
    ];
  }

  #start(name: string): void {
    this.#begun.add(name);
    this.#set({ name, state: 'running' });
    this.#running.set(
      name,
      this.#run(name)
        .catch((error: unknown) => {
          this.#blame(error);
          this.#set({ name, state: 'failed' });
        })
        .finally(() => this.#running.delete(name)),
    );
  }

  async #run(name: string): Promise<void> {
    const { result, shut, isNotStarted } = await this.#carryOut(name);
    if (isNotStarted && result.mistake === undefined) return this.#set({ name, state: 'waiting' });
    this.#result = mergedResults(this.#result, { ...result, plans: [], late: [] });
    if (result.mistake !== undefined) this.#isBroken = true;
    const outcome = outcomeOf(result);
    // What else was refused, such as a host that has changed, is a failure whatever the window says.
    const isShut = shut.length > 0 && result.refused.every((host) => shut.includes(host));
    if (isShut && outcome !== 'failed' && outcome !== 'unreachable') this.#shut(name, result);
    else this.#set({ name, state: outcome === 'ok' ? 'ok' : outcome === 'cancelled' ? 'left' : 'failed' });
  }

  /** A cluster that could not be planned among the others is not tried alone: what was in its way may be one of those. */
  async #carryOut(name: string): Promise<ClusterRun> {
    const hosts = this.#hosts(name);
    return planOf(this.#look, hosts) ? this.#engine.run(name) : { result: partOf(this.#look, name, hosts), shut: [] };
  }

  /** Waits for its next window, where that is asked for and there is one. */
  #shut(name: string, { left }: RunResult): void {
    const window = this.#request.waitsFor?.ask(name, 1);
    const waits = window?.state === 'open' || window?.opens !== undefined;
    this.#set({ name, state: waits ? 'waiting' : 'left' });
    // None of its windows is ahead, though they were to be waited for.
    if (this.#request.waitsFor && !waits)
      this.#result = {
        ...this.#result,
        refused: [...this.#result.refused, ...left],
        left: this.#result.left.filter((host) => !left.includes(host)),
      };
  }

  /** What stands before a wave: somebody has let it begin, or is waited for. */
  async #approve(index: number): Promise<void> {
    const wave = this.#waves[index];
    if (!wave) return;
    const { play, emit, commands } = this.#request;
    const { name } = wave;
    const approval = this.#waits.standing.approvals.get(name);
    if (approval) {
      emit({ type: 'wave-approved', play, wave: name, ...approval });
      this.#approved.add(name);
      return;
    }
    if (this.#waits.isNews(`wave ${name}`))
      emit({ type: 'wave-waiting', play, wave: name, remedy: commands.approve(name) });
    await this.#waits.untilWoken();
  }

  /** What stands behind a wave. */
  async #settle(index: number): Promise<void> {
    const wave = this.#waves[index];
    if (!wave) return;
    const isOver = (): boolean => this.#isOver || this.#waits.listen().aborted !== undefined;
    const hasBeenSeen = await hasSettled(this.#engine, this.#request, {
      wave,
      done: wave.clusters.filter((name) => this.#states.get(name)?.state === 'ok'),
      isOver,
      rest: (until) => this.#waits.rest(until, isOver),
      fail: (name) => {
        this.#set({ name, state: 'failed' });
        this.#result = failedAfterwards(this.#result, this.#hosts(name), 'the look after the soak');
      },
    });
    if (hasBeenSeen) this.#settled.add(wave.name);
  }

  async #wait(until: number | undefined): Promise<void> {
    const running = [...this.#running.values()];
    // Whoever is asked to stop is waited for no more than those in hand take.
    if (this.#isOver) return Promise.race(running);
    if (until !== undefined && running.length === 0 && this.#waits.isNews(`window ${until}`)) {
      const clusters = [...this.#states.keys()].filter((name) =>
        this.#progressOf(name, this.#decidedAt).some((progress) => progress.opens === until),
      );
      this.#request.emit({ type: 'window-waiting', clusters, opens: new Date(until).toISOString() });
    }
    await this.#waits.untilWoken(until, running);
  }

  #hosts(name: string): readonly string[] {
    return this.#request.hostsOf.get(name) ?? [];
  }
}
