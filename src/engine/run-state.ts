import type { ClusterRef } from '../core/cluster.ts';
import type { PlayPlan } from '../core/events/plan.ts';
import type { ClusterOutcome } from '../core/events/play.ts';
import type { HostRecap } from '../core/events/recap.ts';
import type { LateCertificate } from '../core/events/window.ts';
import type { StepCall } from '../core/plan.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { Registered } from './program/place.ts';
import type { HostRun } from './run/host-run.ts';

/** The result of a run, for exit codes and commands. Hosts are given by name. */
export interface RunResult {
  readonly plans: readonly PlayPlan[];
  readonly hosts: readonly HostRecap[];
  /** Hosts that could not be reached, or were lost. */
  readonly unreachable: readonly string[];
  readonly refused: readonly string[];
  readonly failed: readonly string[];
  /** Hosts left for later, because a window of their cluster does not let them be changed now. */
  readonly left: readonly string[];
  /** Certificates that end before the windows of their clusters let them be renewed. */
  readonly late: readonly LateCertificate[];
  /** The variables that tasks have set on each host. */
  readonly registered: ReadonlyMap<string, Registered>;
  /** By host, the steps that undo what was changed there, in order: what the run would have done had a later task failed. */
  readonly undos: ReadonlyMap<string, readonly StepCall[]>;
  /** The hosts with which the same command would not have been refused; empty where that is not known. */
  readonly together: readonly string[];
  /** False when the user, asked, said no. */
  readonly wasConfirmed: boolean;
  /** An operator ended the run before everything was begun (`kplay abort`). */
  readonly wasAborted?: true;
  /** What was thrown that no host can be blamed for: a bug. The rest of the result holds all the same. */
  readonly mistake?: unknown;
}

/** The result of a run that did nothing, or of which nothing is known. */
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

/** Why a host takes no part in a play, nor in later ones unless the play clears it (`meta: clear_host_errors`). */
type Dropout = 'unreachable' | 'refused' | 'failed' | 'left';

/** Which hosts are still in the run, and why the others are not. Collects the result of the run. */
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
  /** Dropouts that were cleared: they stand in the recap, and count nowhere else. */
  readonly #forgiven: (readonly [host: string, why: Dropout])[] = [];
  readonly #runs = new Map<string, HostRun[]>();
  readonly #untouched = new Set<string>();
  /** Hosts that take part in no later play, whatever became of them. */
  readonly #ended = new Set<string>();
  readonly #left = new Set<string>();

  /** The hosts of a play that are still in the run. */
  members(play: CompiledPlay): CompiledPlay['hosts'] {
    return play.hosts.filter(({ host: { name } }) => {
      const hasStopped = this.#runs.get(name)?.some(({ lastingStop }) => lastingStop !== undefined) ?? false;
      return !this.hasDropped(name) && !hasStopped && !this.#ended.has(name);
    });
  }

  /** Ends the run for these hosts: they take part in no later play. */
  end(hosts: Iterable<string>): void {
    for (const host of hosts) this.#ended.add(host);
  }

  /** Notes to which cluster these hosts belong, in a run with hosts of several. */
  place(hosts: Iterable<string>, cluster: ClusterRef): void {
    for (const host of hosts) this.#clusters.set(host, cluster);
  }

  isPlaced(host: string): boolean {
    return this.#clusters.has(host);
  }

  /** Takes a host out before anything of a play has begun on it. Only the first reason is kept. */
  drop(host: string, why: Dropout): void {
    if (!this.hasDropped(host)) this.#dropouts.set(host, why);
  }

  /**
   * Lets hosts that failed or were lost take part in later plays (`meta: clear_host_errors`). So do hosts of the play that dropped out
   * before it began, which are in no batch.
   * @param hosts those of the batch
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

  /** Whether its sessions were closed in an earlier play although it takes part in the next. */
  isToBeReconnected(host: string): boolean {
    return this.#runs.get(host)?.at(-1)?.areSessionsClosed ?? false;
  }

  hasDropped(host: string): boolean {
    return this.#dropouts.has(host);
  }

  /** None of these hosts came through: as in Ansible no further play is begun. Where all were left for later, none has failed. */
  hasLostAll(hosts: readonly string[]): boolean {
    const outcomes = hosts.map((host) => this.outcomeOf([host]));
    return !outcomes.includes('ok') && outcomes.some((outcome) => outcome !== 'cancelled');
  }

  addRuns(runs: Iterable<HostRun>): void {
    for (const run of runs) this.#runs.set(run.name, [...(this.#runs.get(run.name) ?? []), run]);
  }

  /** The gravest outcome among these hosts. */
  outcomeOf(hosts: readonly string[]): ClusterOutcome {
    const all = hosts.flatMap((host) => [
      this.#dropouts.get(host),
      ...(this.#runs.get(host) ?? []).map(({ lastingStop }) => lastingStop),
    ]);
    const said = all.map((why) => (why === 'left' ? 'cancelled' : why));
    return (['failed', 'refused', 'unreachable', 'cancelled'] as const).find((why) => said.includes(why)) ?? 'ok';
  }

  /** Notes hosts of a play that has begun and that are left for a later window. */
  leave(hosts: Iterable<string>): void {
    for (const host of hosts) this.#left.add(host);
  }

  /** Notes hosts on which nothing was begun because the run ended before. */
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

  /** By host the undo of its first play: it leads back to the state before all of them. */
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

  /** One recap a host, over all its plays. */
  #recaps(): readonly HostRecap[] {
    const recaps = new Map([...this.#runs].map(([name, runs]) => [name, runs.map((run) => run.recap()).reduce(sum)]));
    for (const [host, why] of [...this.#forgiven, ...this.#dropouts]) {
      const dropped = { ...UNTOUCHED, host, ...(why !== 'left' && { [why]: 1 }) };
      const before = recaps.get(host);
      recaps.set(host, before ? sum(before, dropped) : dropped);
    }
    for (const host of this.#untouched) if (!recaps.has(host)) recaps.set(host, { ...UNTOUCHED, host });
    // In the order of the play's clusters, whichever of them ended first.
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

/** The results of a run and of a second one, over hosts that the first had left for later, as one. */
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

/** The recaps of one host in two plays, as one. */
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
