import { isDeepStrictEqual } from 'node:util';
import type { Problems } from '../../core/diagnostic.ts';
import type { SourceFile } from '../../core/source.ts';
import { Unknown } from '../../core/world.ts';
import { type CompiledValue, rangeOfValue } from '../../template/template.ts';
import { type HostState, unseenState } from '../hosts/host-state.ts';
import { type CompiledHost, type CompiledPlay, type CompiledTask, tasksOf } from '../program/compiled.ts';
import type { Registered, Surroundings } from '../program/place.ts';
import type { CompiledVars } from '../program/scope.ts';
import { planPlay } from './plan-play.ts';
import type { PlannerInput } from './plan-task.ts';

/**
 * Plans plays on hosts of which nothing is known: whatever a template lacks shows here, before anything is contacted. Hosts
 * that are alike in everything that their templates ask for are planned once.
 * @returns the hosts to which tasks are delegated, as far as that is known
 */
export function checkTemplates(
  plays: readonly CompiledPlay[],
  surroundings: Surroundings,
  now: Date,
  problems: Problems,
): ReadonlySet<string> {
  const delegates = new Set<string>();
  let registered: ReadonlyMap<string, Registered> = new Map();
  for (const play of plays) {
    const open = tasksOf(play)
      .flatMap(({ register }) => register ?? [])
      .map((name) => [name, OPEN] as const);
    const after = new Check(play, surroundings, now, problems, registered, delegates).all();
    registered = new Map([
      ...registered,
      ...[...after].map(([host, own]) => [host, new Map([...own, ...open])] as const),
    ]);
  }
  return delegates;
}

/** What a play before registers is not asked for here. */
const OPEN = new Unknown('a play before');

const NOTHING: Registered = new Map();

/** The check of one play. */
class Check {
  readonly #input: PlannerInput;
  readonly #problems: Problems;
  readonly #before: ReadonlyMap<string, Registered>;

  constructor(
    play: CompiledPlay,
    surroundings: Surroundings,
    now: Date,
    problems: Problems,
    before: ReadonlyMap<string, Registered>,
    named: Set<string>,
  ) {
    const names = play.hosts.map(({ host }) => host.name);
    const fleet = { live: names, batchOf: () => names, registered: (name: string) => before.get(name) };
    // Whoever it is, nothing is known of it.
    const find = (name: string): HostState | 'lost' => {
      named.add(name);
      const host = surroundings.hosts.get(name) ?? surroundings.localhosts.get(name);
      return host ? unseenState(surroundings.compileHost(host), NOTHING) : 'lost';
    };
    const delegates = { find };
    this.#input = { play, surroundings, now, runId: 'check', order: 'linear', fleet, delegates };
    this.#problems = problems;
    this.#before = before;
  }

  /** What each host has registered at the end of the play. */
  all(): ReadonlyMap<string, Registered> {
    const { hosts } = this.#input.play;
    if (this.#shows(OTHER_HOSTS, isForAll)) return this.#plan(hosts);
    if (this.#shows(ITS_NAME)) return this.#planAlone(hosts);
    const after = new Map<string, Registered>();
    let rest = hosts;
    for (let [example] = rest; example; [example] = rest) {
      const read = new Set<string>();
      const planned = this.#plan([example], read);
      // What the example has included may be known only now.
      if (asksFor(OTHER_HOSTS, example, read) || this.#shows(OTHER_HOSTS, isForAll)) return this.#plan(hosts);
      if (asksFor(ITS_NAME, example, read) || this.#shows(ITS_NAME)) return this.#planAlone(hosts);
      const others: CompiledHost[] = [];
      for (const host of rest) {
        if (!this.#areAlike(example, host, read)) others.push(host);
        else after.set(host.host.name, planned.get(example.host.name) ?? NOTHING);
      }
      rest = others;
    }
    return after;
  }

  /** Whether templates of the play may ask for such variables, or a task of it is such a one. */
  #shows(variables: RegExp, isSuch: (task: CompiledTask) => boolean = () => false): boolean {
    const { play, surroundings } = this.#input;
    const files = filesOf(play, surroundings);
    return tasksOf(play).some(isSuch) || [...files].some(({ text }) => variables.test(text));
  }

  /** One after another: what is known of one is let go before the next. */
  #planAlone(hosts: readonly CompiledHost[]): ReadonlyMap<string, Registered> {
    return new Map(hosts.flatMap((host) => [...this.#plan([host])]));
  }

  /** `read` gets the names of the variables of hosts that are asked for. */
  #plan(hosts: readonly CompiledHost[], read?: Set<string>): ReadonlyMap<string, Registered> {
    const states = hosts.map((member) => {
      const { name } = member.host;
      const state = unseenState(member, this.#before.get(name) ?? NOTHING);
      return [name, read ? { ...state, compiled: watched(member, read) } : state] as const;
    });
    const { states: after } = planPlay(this.#input, new Map(states), { problems: this.#problems });
    return new Map([...after].map(([name, { registered }]) => [name, registered]));
  }

  #areAlike(one: CompiledHost, other: CompiledHost, read: ReadonlySet<string>): boolean {
    if (one === other) return true;
    if (this.#before.get(one.host.name) !== this.#before.get(other.host.name)) return false;
    if (one.host.groups.join() !== other.host.groups.join()) return false;
    for (const name of read) if (!isSame(one.vars.get(name), other.vars.get(name))) return false;
    return true;
  }
}

/** The host, with a note of each of its variables that is asked for, whether it has it or not. */
function watched({ host, vars }: CompiledHost, read: Set<string>): CompiledHost {
  const noting = new Map(vars);
  noting.get = (name) => {
    read.add(name);
    return vars.get(name);
  };
  return { host, vars: noting };
}

/** What several hosts inherit from one group is compiled once. */
function isSame(one: CompiledValue | undefined, other: CompiledValue | undefined): boolean {
  if (one === other) return true;
  if (one?.kind !== 'constant' || other?.kind !== 'constant') return false;
  return one.value === other.value || isDeepStrictEqual(one.value, other.value);
}

/** Variables that are another for each host, whatever the inventory says. */
const ITS_NAME = /\binventory_hostname/;

/** Variables that may show other hosts. */
const OTHER_HOSTS = /\b(?:hostvars|vars\b(?!:)|(?:ansible_)?play_(?:hosts|batch))/;

/** What is done once for all of them is not what each would do. */
function isForAll({ runOnce }: CompiledTask): boolean {
  return runOnce;
}

/** A variable of the inventory that was read may itself ask for such variables. */
function asksFor(variables: RegExp, { vars }: CompiledHost, read: ReadonlySet<string>): boolean {
  return [...read].some((name) => {
    const range = rangeOf(vars.get(name));
    return range !== undefined && variables.test(range.file.text.slice(range.start, range.end));
  });
}

/** Where the templates of a play are written, but for those in variables of hosts. */
function filesOf(play: CompiledPlay, { extra, extraPlaces, variableFiles }: Surroundings): ReadonlySet<SourceFile> {
  const { vars } = play;
  const tasks = tasksOf(play);
  const written = [
    vars,
    extra,
    ...variableFiles.all,
    ...tasks.flatMap((task): readonly CompiledVars[] => [task.vars, task.defaults]),
  ];
  const files = new Set(tasks.map(({ range }) => range.file));
  for (const value of new Set(written.flatMap((layer) => [...layer.values()]))) {
    const range = rangeOf(value);
    if (range) files.add(range.file);
  }
  for (const { file } of extraPlaces?.values() ?? []) files.add(file);
  return files;
}

/** Constants have no place of their own, and no templates. */
function rangeOf(value: CompiledValue | undefined) {
  return value && rangeOfValue(value);
}
