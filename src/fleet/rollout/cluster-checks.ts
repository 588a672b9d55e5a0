import type { EventSink } from '../../core/events/event.ts';
import { type SignalState, signalState } from '../../core/signal.ts';
import type { CompiledCheck } from '../../engine/program/compiled.ts';
import type { Forbidden } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { CheckAttempts, type CheckedCluster, type CheckTimes, type CheckVerdict } from './check-attempts.ts';
import { outcomeOf, withLaterFailure } from './cluster-outcome.ts';
import type { FleetEngine } from './fleet-engine.ts';

/** Runs a check once. @param end aborts it. @returns why it does not pass, in a clause */
export type AskCheck<C extends CheckTimes = CompiledCheck> = (
  check: C,
  cluster: CheckedCluster,
  end: AbortSignal,
) => Promise<string | undefined>;

/** The checks of a rollout, and how they are run. */
export interface Checks<C extends CheckTimes = CompiledCheck> {
  readonly checks: readonly C[];
  readonly ask: AskCheck<C>;
  /** The command that resumes a cluster that was not started: `the same command`. */
  readonly again: string;
  /** Clusters that the resumed run started and did not finish successfully. */
  readonly unproven?: ReadonlySet<string>;
}

/** Whether the run is halting, and a wait that it interrupts. */
interface HaltControl {
  readonly halted: AbortSignal;
  /** Resolves after so many milliseconds; false as soon as nothing more may be started. */
  readonly rest: (milliseconds: number) => Promise<boolean>;
}

/** Runs the checks of a rollout, cluster by cluster, and reacts to signals. */
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

  /** Whether there are checks before the first change. */
  get hasChecksBefore(): boolean {
    return this.#checks.checks.some(({ at }) => at.includes('before'));
  }

  /**
   * Runs the checks before the first change. If the run is paused meanwhile, waits and runs them again.
   * @param start is aborted with the run: the cluster is not started. @returns why it may not be changed
   */
  async checkBefore(
    play: string,
    { name, hosts }: Omit<CheckedCluster, 'at'>,
    start: AbortController,
  ): Promise<Forbidden | undefined> {
    for (;;) {
      const verdict = await this.#ask(play, { name, hosts, at: 'before' });
      const { paused, aborted, signalCount } = this.#listen();
      if (aborted) start.abort();
      if (aborted || this.#engine.isStopping) return undefined;
      if (verdict.kind !== 'passed')
        return {
          code: 'check-failed',
          reason: verdict.reason,
          remedy: `find out why; ${this.#checks.again} continues with this cluster and the others`,
        };
      if (!paused) return undefined;
      await this.#engine.wait({ signalCount });
    }
  }

  /**
   * Runs the checks after the last change, if something was or may have been changed successfully. A cluster fails if its
   * checks have not passed when waiting ends. @param mayHaveChanged changes that the result does not show. @returns the final
   * result
   */
  async checkAfter(play: string, name: string, result: RunResult, mayHaveChanged = false): Promise<RunResult> {
    const isToBeProved =
      mayHaveChanged || this.#checks.unproven?.has(name) || result.hosts.some(({ changed }) => changed > 0);
    if (outcomeOf(result) !== 'ok' || !isToBeProved) return result;
    const hosts = result.hosts.map(({ host }) => host);
    const { kind } = await this.#ask(play, { name, hosts, at: 'after' });
    return kind === 'passed' ? result : withLaterFailure(result, hosts, 'its checks');
  }

  /** Listens for signals while the checks run. */
  async #ask(play: string, cluster: CheckedCluster): Promise<CheckVerdict> {
    const halted = new AbortController();
    const over = new AbortController();
    const rest = async (milliseconds: number): Promise<boolean> =>
      !(await this.#isHalted(over.signal, this.#engine.now() + milliseconds));
    const answer = this.#askAll(play, cluster, { halted: halted.signal, rest }).finally(() => over.abort());
    const watched = this.#isHalted(over.signal).then((isHalted) => isHalted && halted.abort());
    const [verdict] = await Promise.all([answer, watched]);
    return verdict;
  }

  /** Runs them one after another, each until it passes or its attempts are used up. */
  async #askAll(play: string, cluster: CheckedCluster, { halted, rest }: HaltControl): Promise<CheckVerdict> {
    const { checks, ask } = this.#checks;
    // After a change a running check may finish, within its time limit, since the change has to be proved.
    const end = cluster.at === 'before' ? halted : new AbortController().signal;
    for (const check of checks.filter(({ at }) => at.includes(cluster.at))) {
      const attempts = new CheckAttempts(check, play, cluster, this.#emit);
      let verdict: CheckVerdict | undefined;
      while (!verdict) {
        if (end.aborted) return attempts.skip();
        verdict = attempts.record(await ask(check, cluster, end), end.aborted);
        if (!verdict && !(await rest(check.delayMs))) return attempts.giveUp();
      }
      if (verdict.kind !== 'passed') return verdict;
    }
    return { kind: 'passed' };
  }

  /** Waits until nothing more may be started. @returns false when `until` or `over` comes first */
  async #isHalted(over: AbortSignal, until = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (;;) {
      const { aborted, signalCount } = this.#listen();
      if (aborted || this.#engine.isStopping) return true;
      if (over.aborted || this.#engine.now() >= until) return false;
      await this.#engine.wait({ until, signalCount, over });
    }
  }

  /** The state of the run and the number of signals: any later signal ends a wait. */
  #listen(): SignalState & { readonly signalCount: number } {
    const signals = this.#engine.signals();
    return { ...signalState(signals), signalCount: signals.length };
  }
}
