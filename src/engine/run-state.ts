import type { HostRecap, PlayPlan } from '../core/event.ts';
import type { CompiledPlay } from './compile.ts';
import type { HostRun } from './host-run.ts';
import type { Registered } from './task-input.ts';

/** What came of a run, for exit codes and commands. */
export interface RunResult {
  readonly plans: readonly PlayPlan[];
  readonly hosts: readonly HostRecap[];
  /** Hosts that could not be reached, or were lost. */
  readonly unreachable: readonly string[];
  readonly refused: readonly string[];
  readonly failed: readonly string[];
  /** What each host has registered. */
  readonly registered: ReadonlyMap<string, Registered>;
  /** False when the user, asked, said no. */
  readonly wasConfirmed: boolean;
}

/** Which hosts are still in the run, and what happened to those that are not. */
export class RunState {
  readonly plans: PlayPlan[] = [];
  readonly unreachable = new Set<string>();
  readonly refused = new Set<string>();
  readonly registered = new Map<string, Registered>();
  wasConfirmed = true;
  readonly #runs = new Map<string, HostRun[]>();

  /** The hosts of a play that have not dropped out of the run before. */
  members(play: CompiledPlay): CompiledPlay['hosts'] {
    return play.hosts.filter(({ host: { name } }) => {
      const hasStopped = this.#runs.get(name)?.some(({ stop }) => stop !== undefined) ?? false;
      return !this.unreachable.has(name) && !this.refused.has(name) && !hasStopped;
    });
  }

  addRuns(runs: Iterable<HostRun>): void {
    for (const run of runs) this.#runs.set(run.name, [...(this.#runs.get(run.name) ?? []), run]);
  }

  result(): RunResult {
    const stopped = (why: string): readonly string[] =>
      [...this.#runs].filter(([, runs]) => runs.some(({ stop }) => stop?.why === why)).map(([name]) => name);
    return {
      plans: this.plans,
      hosts: this.#recaps(),
      unreachable: [...new Set([...this.unreachable, ...stopped('unreachable')])],
      refused: [...new Set([...this.refused, ...stopped('refused')])],
      failed: stopped('failed'),
      registered: this.registered,
      wasConfirmed: this.wasConfirmed,
    };
  }

  #recaps(): readonly HostRecap[] {
    const recaps = new Map([...this.#runs].map(([name, runs]) => [name, runs.map((run) => run.recap()).reduce(sum)]));
    for (const host of this.unreachable)
      if (!recaps.has(host)) recaps.set(host, { ...UNTOUCHED, host, unreachable: 1 });
    for (const host of this.refused) if (!recaps.has(host)) recaps.set(host, { ...UNTOUCHED, host, refused: 1 });
    return [...recaps.values()];
  }
}

const UNTOUCHED = {
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  refused: 0,
  rolledBack: 0,
  state: 'unchanged',
  changes: [],
} as const;

/** One host over several plays. */
function sum(a: HostRecap, b: HostRecap): HostRecap {
  return {
    host: a.host,
    ok: a.ok + b.ok,
    changed: a.changed + b.changed,
    unreachable: a.unreachable + b.unreachable,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    refused: a.refused + b.refused,
    rolledBack: a.rolledBack + b.rolledBack,
    state: b.state === 'unchanged' ? a.state : b.state,
    changes: [...a.changes, ...b.changes],
  };
}
