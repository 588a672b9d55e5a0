import type { Json } from '../../core/json.ts';
import type { RoleUse } from '../../playbook/model.ts';
import { aboutHost, hostVariables, variablesIn } from './host-variables.ts';
import type { HostPlace } from './place.ts';
import { type HostScope, OMIT } from './scope.ts';
import { hostsInPlay } from './unforeseeable.ts';

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
    ...aboutHost(host.host, surroundings.groups),
    ['hostvars', () => hostVariables(place)],
    ['vars', () => variablesIn(scope())],
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

function ofRole({ name, path, parents }: RoleUse): readonly (readonly [string, () => Json])[] {
  return [
    ['role_name', () => name],
    ['ansible_role_name', () => name],
    ['role_path', () => path],
    ['ansible_parent_role_names', () => parents.map((parent) => parent.name)],
  ];
}
