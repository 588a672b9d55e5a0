import type { EventSink } from '../../core/events/event.ts';
import { type Standing, standingBy } from '../../core/signal.ts';
import type { CompiledCheck } from '../../engine/program/compiled.ts';
import type { Forbidden } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-state.ts';
import { CheckAttempts, type CheckedCluster, type CheckTimes, type Verdict } from './check-attempts.ts';
import { failedAfterwards, outcomeOf } from './cluster-outcome.ts';
import type { FleetEngine } from './fleet-engine.ts';

/** Asks a check once. @param end ends that at once. @returns why it does not pass, in a clause */
export type AskCheck<C extends CheckTimes = CompiledCheck> = (
  check: C,
  cluster: CheckedCluster,
  end: AbortSignal,
) => Promise<string | undefined>;

/** The checks of a rollout, and how they are asked. */
export interface Checks<C extends CheckTimes = CompiledCheck> {
  readonly checks: readonly C[];
  readonly ask: AskCheck<C>;
  /** What goes on with a cluster that was not begun: `the same command`. */
  readonly again: string;
  /** Clusters that the run which this one goes on with has begun and not brought to a good end. */
  readonly unproven?: ReadonlySet<string>;
}

/** Whether nothing is to be begun any more, and how it is waited for that or for a moment. */
interface Halting {
  readonly halted: AbortSignal;
  /** Resolves after so many milliseconds; false as soon as nothing is to be begun any more. */
  readonly rest: (milliseconds: number) => Promise<boolean>;
}

/** Asks the checks of a rollout for one cluster after another, with an ear for what operators say. */
export class ClusterChecks<C extends CheckTimes = CompiledCheck> {
  readonly #engine: Pick<FleetEngine, 'signals' | 'wait' | 'now' | 'isStopping'>;
  readonly #checks: Checks<C>;
  readonly #emit: EventSink;

  constructor(
    engine: Pick<FleetEngine, 'signals' | 'wait' | 'now' | 'isStopping'>,
    checks: Checks<C>,
    emit: EventSink,
  ) {
    this.#engine = engine;
    this.#checks = checks;
    this.#emit = emit;
  }

  /** Some are asked before the first change. */
  get standBefore(): boolean {
    return this.#checks.checks.some(({ at }) => at.includes('before'));
  }

  /**
   * Before the first change. A pause that comes meanwhile is waited for, and they are asked again.
   * @param start is aborted when the run is: the cluster is not started. @returns why it may not be changed
   */
  async whyForbidden(
    play: string,
    { name, hosts }: Omit<CheckedCluster, 'at'>,
    start: AbortController,
  ): Promise<Forbidden | undefined> {
    for (;;) {
      const verdict = await this.#ask(play, { name, hosts, at: 'before' });
      const { paused, aborted, heard } = this.#listen();
      if (aborted) start.abort();
      if (aborted || this.#engine.isStopping) return undefined;
      if (verdict.kind !== 'passed')
        return {
          code: 'check-failed',
          reason: verdict.reason,
          remedy: `find out why; ${this.#checks.again} continues with this cluster and the others`,
        };
      if (!paused) return undefined;
      await this.#engine.wait({ heard });
    }
  }

  /**
   * After the last change, where something was or may have been changed and all went well. A cluster whose checks have not passed when
   * nobody waits any more has failed. @param mayHaveChanged more than the result tells. @returns what has come of it
   */
  async judgeAfterwards(play: string, name: string, result: RunResult, mayHaveChanged = false): Promise<RunResult> {
    const isToBeProved =
      mayHaveChanged || this.#checks.unproven?.has(name) || result.hosts.some(({ changed }) => changed > 0);
    if (outcomeOf(result) !== 'ok' || !isToBeProved) return result;
    const hosts = result.hosts.map(({ host }) => host);
    const { kind } = await this.#ask(play, { name, hosts, at: 'after' });
    return kind === 'passed' ? result : failedAfterwards(result, hosts, 'its checks');
  }

  /** Listens as long as they are asked. */
  async #ask(play: string, cluster: CheckedCluster): Promise<Verdict> {
    const halted = new AbortController();
    const over = new AbortController();
    const rest = async (milliseconds: number): Promise<boolean> =>
      !(await this.#isHalted(over.signal, this.#engine.now() + milliseconds));
    const asked = this.#askAll(play, cluster, { halted: halted.signal, rest }).finally(() => over.abort());
    const watched = this.#isHalted(over.signal).then((isHalted) => isHalted && halted.abort());
    const [verdict] = await Promise.all([asked, watched]);
    return verdict;
  }

  /** One after another, each again and again until it passes or has been asked as often as it may. */
  async #askAll(play: string, cluster: CheckedCluster, { halted, rest }: Halting): Promise<Verdict> {
    const { checks, ask } = this.#checks;
    // What was changed is to be proved: a check that is being asked then may answer, within its time.
    const end = cluster.at === 'before' ? halted : new AbortController().signal;
    for (const check of checks.filter(({ at }) => at.includes(cluster.at))) {
      const attempts = new CheckAttempts(check, play, cluster, this.#emit);
      let verdict: Verdict | undefined;
      while (!verdict) {
        if (end.aborted) return attempts.skip();
        verdict = attempts.take(await ask(check, cluster, end), end.aborted);
        if (!verdict && !(await rest(check.delayMs))) return attempts.giveUp();
      }
      if (verdict.kind !== 'passed') return verdict;
    }
    return { kind: 'passed' };
  }

  /** Waits until nothing is to be begun any more. @returns false when that moment has come, or it is over, before */
  async #isHalted(over: AbortSignal, until = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (;;) {
      const { aborted, heard } = this.#listen();
      if (aborted || this.#engine.isStopping) return true;
      if (over.aborted || this.#engine.now() >= until) return false;
      await this.#engine.wait({ until, heard, over });
    }
  }

  /** Where the run stands, and after how many signals: what is said behind those wakes whoever waits. */
  #listen(): Standing & { readonly heard: number } {
    const signals = this.#engine.signals();
    return { ...standingBy(signals), heard: signals.length };
  }
}
