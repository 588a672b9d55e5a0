import type { Problems } from '../../core/diagnostic.ts';
import type { MappingEntry } from '../../core/yaml/yaml.ts';
import { withoutPrefix } from '../catalogue.ts';

interface Unsupported {
  readonly hint: string;
  /** The key takes the place of a task's step, or of a play's hosts: these are not reported as missing. */
  readonly complete: boolean;
}

const ROOT = 'remove it: become makes root, by sudo';
/** Without the keyword, what was meant for this user would run as root. */
const OTHER_USER =
  'become makes root: for the user that logs in write become: false, for another command: sudo -H -u USER …, for a script with argv: and its items sudo, -H, -u, USER, sh, -c and - |';
const CONNECTION = 'set the variable ansible_connection, ansible_port or ansible_user in the inventory';
const INCLUDE = 'write import_tasks or include_tasks; between plays import_playbook';
const FACTS = 'remove it: kplay only reads what the tasks need';

/** Further keys of Ansible's plays and tasks, and what to do instead. */
const PARTS: readonly (readonly [names: string, hint: string])[] = [
  ['become_user become_method become_flags become_exe', ROOT],
  ['sudo su', 'its name is become now'],
  ['sudo_user su_user', OTHER_USER],
  ['connection port remote_user', CONNECTION],
  ['gather_subset gather_timeout fact_path', FACTS],
  ['delegate_facts', 'move the task to a play of its own, with that host in hosts'],
  ['collections', 'remove it: the steps come with kplay'],
  ['debugger', 'remove it: kplay plan shows what a run would do'],
];

/** Keys in place of a step or of a whole play. */
const WHOLE_ENTRIES: readonly (readonly [names: string, hint: string])[] = [
  ['include', INCLUDE],
  ['action', 'write the name of the step as a key: certs.check: {}'],
  ['local_action', 'write the name of the step as a key, next to delegate_to: localhost'],
];

const UNSUPPORTED: ReadonlyMap<string, Unsupported> = new Map(
  [PARTS, WHOLE_ENTRIES].flatMap((table) =>
    table.flatMap(([names, hint]) =>
      names.split(' ').map((name) => [name, { hint, complete: table === WHOLE_ENTRIES }] as const),
    ),
  ),
);
const HOSTS_LOOP: Unsupported = { hint: 'write loop: "{{ groups.NAME }}"', complete: false };
const OLD_LOOP: Unsupported = { hint: 'use loop', complete: false };

/** Reports a key of Ansible that kplay does not support; undefined for any other key. */
export function reportUnsupported({ key, keyRange, value }: MappingEntry, problems: Problems): Unsupported | undefined {
  const loop = key === 'with_inventory_hostnames' ? HOSTS_LOOP : OLD_LOOP;
  const found = UNSUPPORTED.get(withoutPrefix(key)) ?? (key.startsWith('with_') ? loop : undefined);
  const isOtherUser = key === 'become_user' && !(value.kind === 'scalar' && value.value === 'root');
  if (found) problems.error(`${key} is not supported`, keyRange, isOtherUser ? OTHER_USER : found.hint);
  return found;
}
