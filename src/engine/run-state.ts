import type { ClusterRef } from '../core/cluster.ts';
import type { PlayPlan } from '../core/events/plan.ts';
import type { HostRecap } from '../core/events/recap.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { Registered } from './program/place.ts';
import type { HostRun } from './run/host-run.ts';

/** What came of a run, for exit codes and commands. */
export interface RunResult {
  readonly plans: readonly PlayPlan[];
  readonly hosts: readonly HostRecap[];
  /** Hosts that could not be reached, or were lost. */
  readonly unreachable: readonly string[];
  readonly refused: readonly string[];
  readonly failed: readonly string[];
  /** Hosts that are left for later: the windows of their clusters do not let them be changed now. */
  readonly left: readonly string[];
  /** What each host has registered. */
  readonly registered: ReadonlyMap<string, Registered>;
  /** Hosts on which the same command would succeed together: what was refused lacks some of them. Empty where that is not known. */
  readonly together: readonly string[];
  /** False when the user, asked, said no. */
  readonly wasConfirmed: boolean;
  /** What was thrown that no host can be blamed for, a bug; what has become of the hosts is told all the same. */
  readonly mistake?: unknown;
}

/** Why a host takes no part in a play, and in none after it. */
type Dropout = 'unreachable' | 'refused' | 'failed' | 'left';

/** Which hosts are still in the run, and what happened to those that are not. */
export class RunState {
  readonly plans: PlayPlan[] = [];
  readonly registered = new Map<string, Registered>();
  readonly together: string[] = [];
  wasConfirmed = true;
  mistake: unknown;
  readonly #clusters = new Map<string, ClusterRef>();
  readonly #dropouts = new Map<string, Dropout>();
  readonly #runs = new Map<string, HostRun[]>();
  readonly #untouched = new Set<string>();
  readonly #left = new Set<string>();

  /** The hosts of a play that have not dropped out of the run before. */
  members(play: CompiledPlay): CompiledPlay['hosts'] {
    return play.hosts.filter(({ host: { name } }) => {
      const hasStopped = this.#runs.get(name)?.some(({ stop }) => stop !== undefined) ?? false;
      return !this.hasDropped(name) && !hasStopped;
    });
  }

  /** The run has hosts of several clusters, and these are of this one. */
  place(hosts: Iterable<string>, cluster: ClusterRef): void {
    for (const host of hosts) this.#clusters.set(host, cluster);
  }

  /** It dropped out before anything of a play was begun on it. What was told first stays the reason. */
  drop(host: string, why: Dropout): void {
    if (!this.hasDropped(host)) this.#dropouts.set(host, why);
  }

  hasDropped(host: string): boolean {
    return this.#dropouts.has(host);
  }

  addRuns(runs: Iterable<HostRun>): void {
    for (const run of runs) this.#runs.set(run.name, [...(this.#runs.get(run.name) ?? []), run]);
  }

  /** Of a play that was begun: these are left for later. */
  leave(hosts: Iterable<string>): void {
    for (const host of hosts) this.#left.add(host);
  }

  /** Nothing was begun on these: the run was cut short before. */
  leaveUntouched(hosts: Iterable<string>): void {
    for (const host of hosts) this.#untouched.add(host);
  }

  result(): RunResult {
    return {
      plans: this.plans,
      hosts: this.#recaps(),
      unreachable: this.#gone('unreachable'),
      refused: this.#gone('refused'),
      failed: this.#gone('failed'),
      left: [...new Set([...this.#gone('left'), ...this.#left])],
      registered: this.registered,
      together: this.together,
      wasConfirmed: this.wasConfirmed,
      ...(this.mistake !== undefined && { mistake: this.mistake }),
    };
  }

  #gone(why: string): readonly string[] {
    const dropped = [...this.#dropouts].filter(([, reason]) => reason === why).map(([name]) => name);
    const stopped = [...this.#runs].filter(([, runs]) => runs.some(({ stop }) => stop?.why === why));
    return [...new Set([...dropped, ...stopped.map(([name]) => name)])];
  }

  /** Each host once, over all plays that it took part in and the one that it dropped out of. */
  #recaps(): readonly HostRecap[] {
    const recaps = new Map([...this.#runs].map(([name, runs]) => [name, runs.map((run) => run.recap()).reduce(sum)]));
    for (const [host, why] of this.#dropouts) {
      const dropped = { ...UNTOUCHED, host, ...(why !== 'left' && { [why]: 1 }) };
      const before = recaps.get(host);
      recaps.set(host, before ? sum(before, dropped) : dropped);
    }
    for (const host of this.#untouched) if (!recaps.has(host)) recaps.set(host, { ...UNTOUCHED, host });
    return [...recaps.values()].map((recap) => {
      const cluster = this.#clusters.get(recap.host);
      return cluster ? { ...recap, cluster } : recap;
    });
  }
}

/** A run, and another one over hosts that it had left. */
export function mergedResults(a: RunResult, b: RunResult): RunResult {
  const both = (of: (result: RunResult) => readonly string[]): readonly string[] => [...new Set([...of(a), ...of(b)])];
  const again = new Set(b.hosts.map(({ host }) => host));
  const recaps = new Map(a.hosts.map((recap) => [recap.host, recap]));
  for (const recap of b.hosts) {
    const before = recaps.get(recap.host);
    recaps.set(recap.host, before ? { ...before, ...sum(before, recap) } : recap);
  }
  const mistake = a.mistake ?? b.mistake;
  return {
    plans: [...a.plans, ...b.plans],
    hosts: [...recaps.values()],
    unreachable: both(({ unreachable }) => unreachable),
    refused: both(({ refused }) => refused),
    failed: both(({ failed }) => failed),
    left: [...new Set([...a.left.filter((host) => !again.has(host)), ...b.left])],
    registered: new Map([...a.registered, ...b.registered]),
    together: both(({ together }) => together),
    wasConfirmed: a.wasConfirmed && b.wasConfirmed,
    ...(mistake !== undefined && { mistake }),
  };
}

/** The counts of a host on which nothing was done. */
export const UNTOUCHED = {
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  ignored: 0,
  refused: 0,
  rescued: 0,
  restored: 0,
  state: 'unchanged',
  changes: [],
} as const;

/** One host over several plays. */
function sum(a: HostRecap, b: HostRecap): HostRecap {
  const stopped = b.stopped ?? a.stopped;
  return {
    host: a.host,
    ok: a.ok + b.ok,
    changed: a.changed + b.changed,
    unreachable: a.unreachable + b.unreachable,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    ignored: a.ignored + b.ignored,
    refused: a.refused + b.refused,
    rescued: a.rescued + b.rescued,
    restored: a.restored + b.restored,
    state: b.state === 'unchanged' ? a.state : b.state,
    ...(stopped && { stopped }),
    changes: [...a.changes, ...b.changes],
  };
}
