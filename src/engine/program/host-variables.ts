import type { Host } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { Unknown, UnknownValueError } from '../../core/world.ts';
import { Complaint } from '../../template/errors.ts';
import { lazyMapping, mappingFromNames, openMapping } from '../../template/values/lazy-mapping.ts';
import type { CompiledPlay } from './compiled.ts';
import { layersOf } from './open-variables.ts';
import type { HostPlace, Registered, Surroundings } from './place.ts';
import { HostScope } from './scope.ts';
import { variablesOfOther } from './unforeseeable.ts';

type ReadingPlace = Pick<HostPlace, 'surroundings' | 'play' | 'playHosts' | 'host'>;

/** The hosts that `hostvars` names: the same for all tasks and hosts of a play. */
interface NamedHosts {
  readonly all: ReadonlyMap<string, Host>;
  readonly ofPlay: ReadonlySet<string>;
}

/** The variables of a host as `hostvars` shows them, as long as no task sets others. */
interface View {
  readonly host: Host;
  readonly registered: Registered;
  /** Who reads it: what it shows of other hosts is what that one may see of them. */
  readonly reader: ReadingPlace;
  readonly depth: number;
  readonly scope: HostScope;
  readonly variables: JsonObject;
}

/** Longer chains would exhaust the stack. */
const MAX_HOSTS_IN_ROW = 200;

const NOTHING: Registered = new Map();

/** What `vars` and `hostvars` do not show. */
const UNLISTED: ReadonlySet<string> = new Set(['vars', 'hostvars']);

const namedHosts = new WeakMap<Surroundings, WeakMap<CompiledPlay, NamedHosts>>();
const views = new WeakMap<Surroundings, Map<string, View>>();

/**
 * `hostvars`: inventory and registered variables of every host, without those of plays and tasks. Each task of each host may read
 * it, so what they have in common is made once.
 * @param depth by how many variables of hosts it was come here
 */
export function hostVariables(place: ReadingPlace, depth = 0): JsonObject {
  if (depth > MAX_HOSTS_IN_ROW)
    throw new Complaint(
      `the variables of more than ${MAX_HOSTS_IN_ROW} hosts refer to one another in a row, or those of a host to themselves`,
    );
  const { surroundings, play } = place;
  const { all, ofPlay } = hostsNamedIn(surroundings, play);
  const { localhosts } = surroundings;
  const find = (name: string): Json => {
    const host = all.get(name) ?? localhosts.get(name);
    if (!host) throw new Error(`${name} is not among the hosts`);
    const { scope, variables } = viewOf(host, place, depth);
    if (!play.isFree || name === place.host.host.name || !ofPlay.has(name)) return variables;
    return variablesOfOther(name, play, namesIn(scope), valueIn(scope));
  };
  return mappingFromNames(all, find, localhosts);
}

/** All variables of a scope, as `vars` shows them. */
export function variablesIn(scope: HostScope): JsonObject {
  const { open } = scope;
  if (!open) return lazyMapping(namesIn(scope), valueIn(scope));
  const names = (): never => {
    throw new UnknownValueError(open.until);
  };
  return openMapping(valueIn(scope), names, UNLISTED);
}

/** The variables that Ansible defines for each host. */
export function aboutHost({ name, groups }: Host, all: Json): readonly (readonly [string, () => Json])[] {
  return [
    ['inventory_hostname', () => name],
    ['inventory_hostname_short', () => name.split('.')[0] ?? name],
    ['group_names', () => groups.filter((group) => group !== 'all').toSorted()],
    ['groups', () => all],
  ];
}

function hostsNamedIn(surroundings: Surroundings, play: CompiledPlay): NamedHosts {
  const ofPlays = made(namedHosts, surroundings, () => new WeakMap<CompiledPlay, NamedHosts>());
  return made(ofPlays, play, () => {
    const own = play.hosts.map(({ host }) => [host.name, host] as const);
    return { all: new Map([...surroundings.hosts, ...own]), ofPlay: new Set(own.map(([name]) => name)) };
  });
}

function viewOf(host: Host, place: ReadingPlace, depth: number): View {
  const { surroundings, playHosts } = place;
  const registered = playHosts.registered(host.name) ?? NOTHING;
  const shared = made(views, surroundings, () => new Map<string, View>());
  const known = shared.get(host.name);
  if (
    known?.host === host &&
    known.registered === registered &&
    known.depth === depth &&
    seesTheSame(known.reader, place)
  )
    return known;
  const scope = new HostScope({
    extra: surroundings.extra,
    ...layersOf(registered),
    task: new Map(),
    play: new Map(),
    host: surroundings.compileHost(host).vars,
    magic: () => new Map<string, () => Json>([...aboutHost(host, surroundings.groups), ['hostvars', () => ofOthers()]]),
  });
  const view = { host, registered, reader: place, depth, scope, variables: variablesIn(scope) };
  // What is read of other hosts may be something else for the next reader.
  const ofOthers = (): JsonObject => {
    if (shared.get(host.name) === view) shared.delete(host.name);
    return hostVariables(place, depth + 1);
  };
  shared.set(host.name, view);
  return view;
}

/** Whether two readers see the same of other hosts: in the same play, and either both in its plan or both in its run. */
function seesTheSame(one: ReadingPlace, other: ReadingPlace): boolean {
  const isSamePlay = one.play === other.play && one.playHosts === other.playHosts;
  return isSamePlay && (!one.play.isFree || one.host.host.name === other.host.host.name);
}

function made<Key extends object, Value>(known: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

function namesIn(scope: HostScope): readonly string[] {
  return [...new Set(scope.names())].filter((name) => !UNLISTED.has(name));
}

function valueIn(scope: HostScope): (name: string) => Json {
  return (name) => {
    const value = scope.get(name);
    if (value instanceof Unknown) throw new UnknownValueError(value.until);
    return value ?? null;
  };
}
