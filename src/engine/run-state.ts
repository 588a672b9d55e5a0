import type { ClusterRef } from '../core/cluster.ts';
import type { PlayPlan } from '../core/events/plan.ts';
import type { ClusterOutcome } from '../core/events/play.ts';
import type { HostRecap } from '../core/events/recap.ts';
import type { LateCertificate } from '../core/events/window.ts';
import type { StepCall } from '../core/plan.ts';
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
  /** Certificates that end before the windows of their clusters let them be renewed. */
  readonly late: readonly LateCertificate[];
  /** What each host has registered. */
  readonly registered: ReadonlyMap<string, Registered>;
  /** By host, what takes back what was changed there, in order: what the run would have done had a later task failed. */
  readonly undos: ReadonlyMap<string, readonly StepCall[]>;
  /** Hosts on which the same command would succeed together: what was refused lacks some of them. Empty where that is not known. */
  readonly together: readonly string[];
  /** False when the user, asked, said no. */
  readonly wasConfirmed: boolean;
  /** An operator has ended it before all was begun. */
  readonly wasAborted?: true;
  /** What was thrown that no host can be blamed for, a bug; what has become of the hosts is told all the same. */
  readonly mistake?: unknown;
}

/** What comes of a run of which nothing is known, or nothing was done. */
export const NO_RESULT: RunResult = {
  plans: [],
  hosts: [],
  unreachable: [],
  refused: [],
  failed: [],
  left: [],
  late: [],
  registered: new Map(),
  undos: new Map(),
  together: [],
  wasConfirmed: true,
};

/** Why a host takes no part in a play, and in none after it unless its play says otherwise (`meta: clear_host_errors`). */
type Dropout = 'unreachable' | 'refused' | 'failed' | 'left';

/** Which hosts are still in the run, and what happened to those that are not. */
export class RunState {
  readonly plans: PlayPlan[] = [];
  readonly registered = new Map<string, Registered>();
  readonly together: string[] = [];
  readonly late: LateCertificate[] = [];
  wasConfirmed = true;
  wasAborted = false;
  mistake: unknown;
  readonly #clusters = new Map<string, ClusterRef>();
  readonly #dropouts = new Map<string, Dropout>();
  /** Dropouts that count in the recap alone. */
  readonly #forgiven: (readonly [host: string, why: Dropout])[] = [];
  readonly #runs = new Map<string, HostRun[]>();
  readonly #untouched = new Set<string>();
  readonly #left = new Set<string>();

  /** The hosts of a play that have not dropped out of the run before. */
  members(play: CompiledPlay): CompiledPlay['hosts'] {
    return play.hosts.filter(({ host: { name } }) => {
      const hasStopped = this.#runs.get(name)?.some(({ lastingStop }) => lastingStop !== undefined) ?? false;
      return !this.hasDropped(name) && !hasStopped;
    });
  }

  /** The run has hosts of several clusters, and these are of this one. */
  place(hosts: Iterable<string>, cluster: ClusterRef): void {
    for (const host of hosts) this.#clusters.set(host, cluster);
  }

  isPlaced(host: string): boolean {
    return this.#clusters.has(host);
  }

  /** It dropped out before anything of a play was begun on it. What was told first stays the reason. */
  drop(host: string, why: Dropout): void {
    if (!this.hasDropped(host)) this.#dropouts.set(host, why);
  }

  /**
   * That these hosts have failed, or were lost, counts no longer: they take part in the plays that follow. So do those of the play
   * that dropped out before, which are in no batch.
   */
  forgive(hosts: Iterable<string>, play: CompiledPlay): void {
    const dropped = play.hosts.map(({ host }) => host.name).filter((name) => this.hasDropped(name));
    for (const host of new Set([...hosts, ...dropped])) {
      for (const run of this.#runs.get(host) ?? []) run.forgive();
      const why = this.#dropouts.get(host);
      if (why !== 'failed' && why !== 'unreachable') continue;
      this.#forgiven.push([host, why]);
      this.#dropouts.delete(host);
    }
  }

  /** Its sessions have ended in a play, and it takes part in the next all the same. */
  isToBeReconnected(host: string): boolean {
    return this.#runs.get(host)?.at(-1)?.areSessionsClosed ?? false;
  }

  hasDropped(host: string): boolean {
    return this.#dropouts.has(host);
  }

  addRuns(runs: Iterable<HostRun>): void {
    for (const run of runs) this.#runs.set(run.name, [...(this.#runs.get(run.name) ?? []), run]);
  }

  /** What these hosts have come to, put together: the gravest of it. */
  outcomeOf(hosts: readonly string[]): ClusterOutcome {
    const all = hosts.flatMap((host) => [
      this.#dropouts.get(host),
      ...(this.#runs.get(host) ?? []).map(({ lastingStop }) => lastingStop),
    ]);
    const said = all.map((why) => (why === 'left' ? 'cancelled' : why));
    return (['failed', 'refused', 'unreachable', 'cancelled'] as const).find((why) => said.includes(why)) ?? 'ok';
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
      late: this.late,
      registered: this.registered,
      undos: this.#undos(),
      together: this.together,
      wasConfirmed: this.wasConfirmed,
      ...(this.wasAborted && { wasAborted: true }),
      ...(this.mistake !== undefined && { mistake: this.mistake }),
    };
  }

  /** Over several plays the first, which leads back to before them all. */
  #undos(): RunResult['undos'] {
    const known = [...this.#runs].map(
      ([host, runs]) => [host, runs.find(({ undo }) => undo.length > 0)?.undo] as const,
    );
    return new Map(known.flatMap(([host, undo]) => (undo ? [[host, undo] as const] : [])));
  }

  #gone(why: string): readonly string[] {
    const dropped = [...this.#dropouts].filter(([, reason]) => reason === why).map(([name]) => name);
    const stopped = [...this.#runs].filter(([, runs]) => runs.some(({ lastingStop }) => lastingStop === why));
    return [...new Set([...dropped, ...stopped.map(([name]) => name)])];
  }

  /** Each host once, over all plays that it took part in and the one that it dropped out of. */
  #recaps(): readonly HostRecap[] {
    const recaps = new Map([...this.#runs].map(([name, runs]) => [name, runs.map((run) => run.recap()).reduce(sum)]));
    for (const [host, why] of [...this.#forgiven, ...this.#dropouts]) {
      const dropped = { ...UNTOUCHED, host, ...(why !== 'left' && { [why]: 1 }) };
      const before = recaps.get(host);
      recaps.set(host, before ? sum(before, dropped) : dropped);
    }
    for (const host of this.#untouched) if (!recaps.has(host)) recaps.set(host, { ...UNTOUCHED, host });
    // Cluster by cluster as the play names them, whichever of those side by side was there first.
    const places = new Map([...this.#clusters.keys()].map((host, index) => [host, index]));
    const placeOf = ({ host }: HostRecap): number => places.get(host) ?? places.size;
    return [...recaps.values()]
      .toSorted((a, b) => placeOf(a) - placeOf(b))
      .map((recap) => {
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
    late: [...a.late.filter(({ host }) => !again.has(host)), ...b.late],
    registered: new Map([...a.registered, ...b.registered]),
    undos: new Map([...b.undos, ...a.undos]),
    together: both(({ together }) => together),
    wasConfirmed: a.wasConfirmed && b.wasConfirmed,
    ...((a.wasAborted ?? b.wasAborted) && { wasAborted: true }),
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
