import type { CompiledPlay } from './compiled.ts';
import { namesSetBy, nodesIn, tasksIn, tasksOf } from './play-tasks.ts';

/** Ansible's facts that playbooks use most. */
const FACT =
  /^ansible_(?:facts|local|env|os_family|distribution\w*|architecture|userspace_architecture|kernel|system|hostname|fqdn|nodename|domain|default_ipv[46]|all_ipv[46]_addresses|interfaces|eth\d|date_time|mem\w*_mb|swap\w*_mb|processor\w*|service_mgr|pkg_mgr|mounts|selinux|lsb|user_\w+|virtualization_\w+|python_version)$/;
const NO_FACTS =
  'kplay gathers no facts: set the variable in the inventory, or register what a command prints, such as cat /etc/os-release';
/** Ansible knows them of every host, also from -u or by their old names. */
const LOGIN = /^ansible_(?:ssh_)?(?:user|host|port)$/;

/** What to do about a variable that is missing at one place of a play, although the play sets it at another. */
export function hintForMissing(name: string, play: CompiledPlay): string | undefined {
  const block = nodesIn(play.body)
    .filter((node) => node.kind === 'block')
    .find(({ rescue }) => tasksIn(rescue).some((task) => namesSetBy(task).includes(name)));
  if (block)
    return `the rescue of '${block.name}' sets it, and runs only if that fails: write ${name} | default('…'), or when: ${name} is defined`;
  const isOfLoop = tasksOf(play).some(({ loop }) => loop && [loop.variable, loop.index].includes(name));
  if (isOfLoop)
    return 'a loop sets it for its own tasks only; a handler runs once for all entries: give it a loop of its own';
  if (LOGIN.test(name))
    return `it is known only where the inventory or -e sets it under this name, not from -u: set it, or write ${name} | default('…')`;
  return FACT.test(name) ? NO_FACTS : undefined;
}
