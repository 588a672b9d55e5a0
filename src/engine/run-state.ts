import type { ClusterRef } from '../core/cluster.ts';
import type { PlayPlan } from '../core/events/plan.ts';
import type { ClusterOutcome } from '../core/events/play.ts';
import type { HostRecap, HostStop } from '../core/events/recap.ts';
import type { LateCertificate } from '../core/events/window.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { Registered } from './program/place.ts';
import { recapOf } from './run/host-recap.ts';
import type { HostRun } from './run/host-run.ts';
import { mergedRecaps, type RunResult, UNTOUCHED } from './run-result.ts';

/** Why a host takes no part in a play, nor in later ones unless the play clears it (`meta: clear_host_errors`). */
type Dropout = 'unreachable' | 'refused' | 'failed' | 'left';

/** Which hosts are still in the run, and why the others are not. Collects the result of the run. */
export class RunState {
  readonly #plans: PlayPlan[] = [];
  readonly #registered = new Map<string, Registered>();
  readonly #together: string[] = [];
  readonly #late: LateCertificate[] = [];
  #wasConfirmed = true;
  #wasAborted = false;
  #mistake: unknown;
  readonly #clusters = new Map<string, ClusterRef>();
  readonly #dropouts = new Map<string, Dropout>();
  /** Dropouts that were cleared: they appear in the recap and count nowhere else. */
  readonly #cleared: (readonly [host: string, why: Dropout])[] = [];
  readonly #runs = new Map<string, HostRun[]>();
  readonly #untouched = new Set<string>();
  /** Hosts that take part in no later play, whatever their outcome. */
  readonly #ended = new Set<string>();
  readonly #left = new Set<string>();

  /** The plans of its plays so far, by cluster. */
  get plans(): readonly PlayPlan[] {
    return this.#plans;
  }

  addPlan(plan: PlayPlan, late: readonly LateCertificate[]): void {
    this.#plans.push(plan);
    this.#late.push(...late);
  }

  /** Records hosts that a refused cluster has to be changed with. */
  addTogether(hosts: readonly string[]): void {
    this.#together.push(...hosts);
  }

  /** The variables that earlier plays have left on a host. */
  registeredOn(host: string): Registered | undefined {
    return this.#registered.get(host);
  }

  register(host: string, registered: Registered): void {
    this.#registered.set(host, registered);
  }

  /** Nobody has declined a plan of the run. */
  get wasConfirmed(): boolean {
    return this.#wasConfirmed;
  }

  /** Records that somebody has declined its plan. */
  decline(): void {
    this.#wasConfirmed = false;
  }

  /** An operator ended the run before everything was started (`kplay abort`). */
  get wasAborted(): boolean {
    return this.#wasAborted;
  }

  abort(): void {
    this.#wasAborted = true;
  }

  /** The bug that has ended it; undefined if there was none. */
  get mistake(): unknown {
    return this.#mistake;
  }

  /** Records a bug; undefined for none. The first one counts. */
  recordBug(mistake: unknown): void {
    this.#mistake ??= mistake;
  }

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

  /** Records the cluster of these hosts, in a run with several clusters. */
  assignCluster(hosts: Iterable<string>, cluster: ClusterRef): void {
    for (const host of hosts) this.#clusters.set(host, cluster);
  }

  hasCluster(host: string): boolean {
    return this.#clusters.has(host);
  }

  /** Drops a host before a play has done anything on it. Only the first reason is kept. */
  drop(host: string, why: Dropout): void {
    if (!this.hasDropped(host)) this.#dropouts.set(host, why);
  }

  /**
   * Lets failed and lost hosts take part in later plays (`meta: clear_host_errors`), including those that dropped out before
   * the play began and are in no batch.
   * @param hosts those of the batch, and those that stopped in an earlier play
   */
  clearErrors(hosts: Iterable<string>, play: CompiledPlay): void {
    const dropped = play.hosts.map(({ host }) => host.name).filter((name) => this.hasDropped(name));
    for (const host of new Set([...hosts, ...dropped])) {
      for (const run of this.#runs.get(host) ?? []) run.clearErrors();
      const why = this.#dropouts.get(host);
      if (why !== 'failed' && why !== 'unreachable') continue;
      this.#cleared.push([host, why]);
      this.#dropouts.delete(host);
    }
  }

  /** Whether its sessions were closed in an earlier play and it takes part in the next one. */
  needsReconnect(host: string): boolean {
    return this.#runs.get(host)?.at(-1)?.areSessionsClosed ?? false;
  }

  hasDropped(host: string): boolean {
    return this.#dropouts.has(host);
  }

  /**
   * Whether none of these hosts succeeded: as in Ansible, no further play is started then. If all of them were left for later,
   * none has failed.
   */
  hasLostAll(hosts: readonly string[]): boolean {
    const outcomes = hosts.map((host) => this.#worst([host], ({ lastingStop }) => lastingStop));
    return !outcomes.includes('ok') && outcomes.some((outcome) => outcome !== 'cancelled');
  }

  addRuns(runs: Iterable<HostRun>): void {
    for (const run of runs) this.#runs.set(run.name, [...(this.#runs.get(run.name) ?? []), run]);
  }

  /** The worst outcome among these hosts. */
  outcomeOf(hosts: readonly string[]): ClusterOutcome {
    return this.#worst(hosts, ({ countedStop }) => countedStop);
  }

  #worst(hosts: readonly string[], stopOf: (run: HostRun) => HostStop['why'] | undefined): ClusterOutcome {
    const all = hosts.flatMap((host) => [this.#dropouts.get(host), ...(this.#runs.get(host) ?? []).map(stopOf)]);
    const outcomes = all.map((why) => (why === 'left' ? 'cancelled' : why));
    return (['failed', 'refused', 'unreachable', 'cancelled'] as const).find((why) => outcomes.includes(why)) ?? 'ok';
  }

  /** Records hosts of a started play that are left for a later window. */
  leaveForLater(hosts: Iterable<string>): void {
    for (const host of hosts) this.#left.add(host);
  }

  /** The hosts that are left for a later window. */
  get left(): readonly string[] {
    return [...new Set([...this.#hostsOut('left'), ...this.#left])];
  }

  /** Records hosts that were not touched because the run ended first. */
  leaveUntouched(hosts: Iterable<string>): void {
    for (const host of hosts) this.#untouched.add(host);
  }

  result(): RunResult {
    return {
      plans: this.#plans,
      hosts: this.#recaps(),
      unreachable: this.#hostsOut('unreachable'),
      refused: this.#hostsOut('refused'),
      failed: this.#hostsOut('failed'),
      left: this.left,
      late: this.#late,
      registered: this.#registered,
      undos: this.#undos(),
      together: this.#together,
      wasConfirmed: this.#wasConfirmed,
      ...(this.#wasAborted && { wasAborted: true }),
      ...(this.#mistake !== undefined && { mistake: this.#mistake }),
    };
  }

  /** By host, the undo of its first play: it leads back to the state before all plays. */
  #undos(): RunResult['undos'] {
    const known = [...this.#runs].map(
      ([host, runs]) => [host, runs.map(({ changes }) => changes.undoCalls).find((calls) => calls.length > 0)] as const,
    );
    return new Map(known.flatMap(([host, undo]) => (undo ? [[host, undo] as const] : [])));
  }

  #hostsOut(why: string): readonly string[] {
    const dropped = [...this.#dropouts].filter(([, reason]) => reason === why).map(([name]) => name);
    const stopped = [...this.#runs].filter(([, runs]) => runs.some(({ countedStop }) => countedStop === why));
    return [...new Set([...dropped, ...stopped.map(([name]) => name)])];
  }

  /** One recap per host, over all its plays. */
  #recaps(): readonly HostRecap[] {
    const recaps = new Map([...this.#runs].map(([name, runs]) => [name, runs.map(recapOf).reduce(mergedRecaps)]));
    for (const [host, why] of [...this.#cleared, ...this.#dropouts]) {
      const dropped = { ...UNTOUCHED, host, ...(why !== 'left' && { [why]: 1 }) };
      const before = recaps.get(host);
      recaps.set(host, before ? mergedRecaps(before, dropped) : dropped);
    }
    for (const host of this.#untouched) if (!recaps.has(host)) recaps.set(host, { ...UNTOUCHED, host });
    // In the order of the play's clusters, not in the order in which they ended.
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
