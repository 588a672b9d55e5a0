import type { Host } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { Unknown, UnknownValueError } from '../../core/world.ts';
import type { RoleUse } from '../../playbook/model.ts';
import { lazyMapping } from '../../template/values/lazy-mapping.ts';
import type { HostPlace } from './place.ts';
import { HostScope, OMIT } from './scope.ts';
import { hostsInPlay, variablesOfOther } from './unforeseeable.ts';

type Magic = ReadonlyMap<string, () => Json>;

/** The version of ansible-core whose language kplay implements, as `ansible_version` returns it. */
const ANSIBLE_VERSION = { full: '2.19.0', string: '2.19.0', major: 2, minor: 19, revision: 0 };

/** The variables that are always defined. `scope` is that of the task itself. */
export function magicVariables(
  place: HostPlace & { readonly task: { readonly role: RoleUse | undefined } },
  scope: () => HostScope,
): Magic {
  const { play, surroundings, playHosts, host, task } = place;
  const { only, skip } = surroundings.tags;
  const all = (): readonly string[] => play.hosts.map((member) => member.host.name);
  return new Map<string, () => Json>([
    ...ofHost(host.host, surroundings.groups),
    ['hostvars', () => hostVariables(place)],
    ['vars', () => ownVariables(scope())],
    ...['play_hosts', 'ansible_play_batch'].map(
      (name) => [name, () => hostsInPlay(name, play, () => playHosts.batchOf(host.host.name))] as const,
    ),
    ['ansible_play_hosts', () => hostsInPlay('ansible_play_hosts', play, () => playHosts.live)],
    ['ansible_play_hosts_all', all],
    ['ansible_play_name', () => play.name],
    ['playbook_dir', () => play.directory],
    ['ansible_run_tags', () => (only.length === 0 ? ['all'] : only)],
    ['ansible_skip_tags', () => skip],
    ['ansible_version', () => ANSIBLE_VERSION],
    // A plan shows what the run does, so no task may behave differently in it.
    ['ansible_check_mode', () => false],
    ['omit', () => OMIT],
    ...(task.role ? ofRole(task.role) : []),
  ]);
}

function ofHost({ name, groups }: Host, all: Json): readonly (readonly [string, () => Json])[] {
  return [
    ['inventory_hostname', () => name],
    ['inventory_hostname_short', () => name.split('.')[0] ?? name],
    ['group_names', () => groups.filter((group) => group !== 'all').toSorted()],
    ['groups', () => all],
  ];
}

function ofRole({ name, path, parents }: RoleUse): readonly (readonly [string, () => Json])[] {
  return [
    ['role_name', () => name],
    ['ansible_role_name', () => name],
    ['role_path', () => path],
    ['ansible_parent_role_names', () => parents.map((parent) => parent.name)],
  ];
}

/** `hostvars`: inventory and registered variables of every host, without those of plays and tasks. */
function hostVariables(place: Pick<HostPlace, 'surroundings' | 'play' | 'playHosts' | 'host'>): JsonObject {
  const { surroundings, play, playHosts } = place;
  const own = new Map(play.hosts.map(({ host }) => [host.name, host] as const));
  const hosts = new Map([...surroundings.hosts, ...own]);
  const { localhosts } = surroundings;
  const find = (name: string): Json => {
    const host = hosts.get(name) ?? localhosts.get(name);
    if (!host) throw new Error(`${name} is not among the hosts`);
    const scope = new HostScope({
      extra: surroundings.extra,
      registered: playHosts.registered(name) ?? new Map(),
      task: new Map(),
      play: new Map(),
      host: surroundings.compileHost(host).vars,
      magic: () =>
        new Map<string, () => Json>([...ofHost(host, surroundings.groups), ['hostvars', () => hostVariables(place)]]),
    });
    if (name === place.host.host.name || !own.has(name)) return ownVariables(scope);
    return variablesOfOther(name, play, namesIn(scope), valueIn(scope));
  };
  return lazyMapping(hosts.keys(), find, localhosts.keys());
}

function ownVariables(scope: HostScope): JsonObject {
  return lazyMapping(namesIn(scope), valueIn(scope));
}

function namesIn(scope: HostScope): readonly string[] {
  return [...new Set(scope.names())].filter((name) => name !== 'vars' && name !== 'hostvars');
}

function valueIn(scope: HostScope): (name: string) => Json {
  return (name) => {
    const value = scope.get(name);
    if (value instanceof Unknown) throw new UnknownValueError(value.until);
    return value ?? null;
  };
}
