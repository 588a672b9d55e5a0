import type { Diagnostic } from './diagnostic.ts';

/**
 * Variables of the whole run that always have the value that kplay gives them: in Ansible, too, whatever a playbook, an
 * inventory or `-e` sets them to.
 */
const RESERVED_VARIABLES: ReadonlySet<string> = new Set(
  [
    'groups hostvars vars omit playbook_dir play_hosts ansible_play_hosts ansible_play_hosts_all ansible_play_batch',
    'ansible_play_name ansible_run_tags ansible_skip_tags ansible_version ansible_check_mode',
  ].flatMap((names) => names.split(' ')),
);

/** Variables that an inventory cannot set: those above, and those that it gives a value itself by its hosts and groups. */
export const RESERVED_IN_INVENTORY: ReadonlySet<string> = new Set([
  ...RESERVED_VARIABLES,
  ...['inventory_hostname', 'inventory_hostname_short', 'group_names'],
]);

/** Why neither a playbook nor `-e` can set a variable; undefined if nothing is known against it. */
export function reservation(name: string): Pick<Diagnostic, 'message' | 'hint'> | undefined {
  if (name === 'kplay_cluster')
    return {
      message: 'kplay_cluster only has an effect in the vars of a group of the inventory',
      hint: 'put it there, or remove it',
    };
  return RESERVED_VARIABLES.has(name)
    ? { message: `${name} is a variable that kplay itself sets`, hint: 'use another name' }
    : undefined;
}
