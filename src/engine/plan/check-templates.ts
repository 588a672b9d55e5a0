import { Problems } from '../../core/diagnostic.ts';
import { Unknown } from '../../core/world.ts';
import { type HostState, initialState } from '../hosts/host-state.ts';
import type { CompiledHost, CompiledPlay } from '../program/compiled.ts';
import type { Registered, Surroundings } from '../program/place.ts';
import { tasksOf } from '../program/play-tasks.ts';
import { HostClass } from './alike/host-class.ts';
import { HostClasses } from './alike/host-classes.ts';
import { HostKeys } from './alike/host-keys.ts';
import { KnownVariables } from './alike/known-variables.ts';
import { ReadsWatch } from './alike/reads.ts';
import { planPlay } from './plan-play.ts';
import type { PlannerInput } from './plan-task.ts';

/**
 * Finds templates without a value before any host is contacted, by planning the plays on hosts with unknown state. Each task is
 * planned once for all hosts with the same values for everything that it reads.
 * @returns the names of the hosts that tasks are delegated to, as far as known
 */
export function checkTemplates(
  plays: readonly CompiledPlay[],
  surroundings: Surroundings,
  now: Date,
  problems: Problems,
): ReadonlySet<string> {
  const delegates = new Set<string>();
  const known = new KnownVariables();
  for (const play of plays) {
    const check = new Check(play, surroundings, now, known);
    const found = check.run();
    problems.addAll(found.problems.all);
    for (const name of found.delegates) delegates.add(name);
  }
  return delegates;
}

/** The results of earlier plays are not known here. */
const OPEN = new Unknown('a play before');

/** After this many passes each host becomes a class of its own. */
const MAX_PASSES = 8;

/** What one pass through a play has found. */
interface PassResult {
  readonly problems: Problems;
  readonly delegates: Set<string>;
  readonly classes: readonly HostClass[];
}

/** The check of one play. */
class Check {
  readonly #play: CompiledPlay;
  readonly #surroundings: Surroundings;
  readonly #now: Date;
  readonly #known: KnownVariables;
  readonly #watch = new ReadsWatch();
  readonly #keys: HostKeys;

  constructor(play: CompiledPlay, surroundings: Surroundings, now: Date, known: KnownVariables) {
    this.#play = play;
    this.#surroundings = { ...surroundings, watch: this.#watch };
    this.#now = now;
    this.#known = known;
    this.#keys = new HostKeys(play.hosts);
  }

  /** Hosts that turn out to differ from their representative form classes of their own in the next pass. */
  run(): PassResult {
    let classes: readonly (readonly CompiledHost[])[] = this.#play.hosts.length > 0 ? [this.#play.hosts] : [];
    for (let passes = 1; ; passes += 1) {
      const found = this.#pass(classes);
      if (found.classes.every(({ departed }) => departed.length === 0)) return found;
      classes =
        passes < MAX_PASSES
          ? this.#inOrder(found.classes.flatMap(({ members, departed }) => [members, ...departed]))
          : this.#play.hosts.map((host) => [host]);
    }
  }

  #inOrder(classes: readonly (readonly CompiledHost[])[]): readonly (readonly CompiledHost[])[] {
    const places = new Map(this.#play.hosts.map((host, at) => [host, at]));
    const placeOf = ([first]: readonly CompiledHost[]): number => (first && places.get(first)) ?? 0;
    return classes.toSorted((a, b) => placeOf(a) - placeOf(b));
  }

  #pass(groups: readonly (readonly CompiledHost[])[]): PassResult {
    const { hosts } = this.#play;
    const problems = new Problems();
    const delegates = new Set<string>();
    const classes = groups.map((members) => {
      const columns = this.#known.columns(members);
      return new HostClass(this.#keys, this.#watch, members, columns);
    });
    const states = new Map(
      classes.flatMap(({ members: [first] }) => (first ? [[first.host.name, this.#initialState(first)] as const] : [])),
    );
    const standIns = new HostClasses(hosts, classes);
    const { states: after } = planPlay(this.#input(delegates), states, { problems, standIns });
    if (classes.every(({ departed }) => departed.length === 0)) this.#recordVariables(classes, after);
    return { problems, delegates, classes };
  }

  #initialState(host: CompiledHost): HostState {
    const state = initialState(host, this.#known.of(host.host.name));
    return { ...state, info: this.#watch.info(state.info) };
  }

  #recordVariables(classes: readonly HostClass[], after: ReadonlyMap<string, HostState>): void {
    const registers = tasksOf(this.#play).flatMap(({ register }) => register ?? []);
    const open: Registered = new Map(registers.map((name) => [name, OPEN]));
    for (const { members, columns } of classes) {
      const registered = members[0] && after.get(members[0].host.name)?.registered;
      if (registered) this.#known.record(members, registered, columns, open);
    }
  }

  #input(named: Set<string>): PlannerInput {
    const surroundings = this.#surroundings;
    const names = this.#play.hosts.map(({ host }) => host.name);
    return {
      play: this.#play,
      surroundings,
      now: this.#now,
      runId: 'check',
      begunAt: this.#now,
      order: 'linear',
      playHosts: { live: names, batchOf: () => names, registered: (name) => this.#known.of(name) },
      delegates: {
        // Nothing is known about any delegate.
        find: (name) => {
          named.add(name);
          const host = surroundings.hosts.get(name) ?? surroundings.localhosts.get(name);
          return host ? initialState(surroundings.compileHost(host), new Map()) : 'lost';
        },
      },
    };
  }
}
