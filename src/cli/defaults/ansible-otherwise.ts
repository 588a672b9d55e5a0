import type { AnsibleSetting } from './ansible-settings.ts';

/** A setting with which Ansible does something else than without it, and kplay does not. */
interface OtherBehaviour extends Pick<AnsibleSetting, 'ini' | 'variables'> {
  /** The values with which Ansible does as kplay does. */
  readonly usual: RegExp;
  /** What kplay does. */
  readonly fact: string;
  readonly hint: string;
}

const NO = /^(?:|false|no|off|0|n|f)$/i;

/** Each is told by itself: in a list of settings that hardly matter it would be overlooked. */
export const OTHER_BEHAVIOUR: readonly OtherBehaviour[] = [
  {
    ...place('defaults', 'hash_behaviour', 'ANSIBLE_HASH_BEHAVIOUR'),
    usual: /^replace$/i,
    fact: 'a mapping replaces the one that it overrides',
    hint: 'give the mappings names of their own, and write a | combine(b, recursive=true) where they are used',
  },
  {
    ...place('defaults', 'any_errors_fatal', 'ANSIBLE_ANY_ERRORS_FATAL'),
    usual: NO,
    fact: 'the other hosts of a play go on',
    hint: 'write any_errors_fatal: true in the plays',
  },
  {
    ...place('defaults', 'strategy', 'ANSIBLE_STRATEGY'),
    usual: /^(?:ansible\.builtin\.|mitogen_)?linear$/i,
    fact: 'a play has the strategy that it says, or linear',
    hint: 'write strategy: in the plays',
  },
  {
    ...place('defaults', 'no_log', 'ANSIBLE_NO_LOG'),
    usual: NO,
    fact: 'what tasks do and print is shown',
    hint: 'write no_log: true at the tasks that have secrets',
  },
  {
    ...place('defaults', 'remote_port', 'ANSIBLE_REMOTE_PORT'),
    usual: /^(?:|22)$/,
    fact: 'the port of a host is that of the inventory, or of ssh',
    hint: 'set ansible_port in the inventory, such as in group_vars/all.yml',
  },
];

function place(section: string, key: string, variable: string): Pick<AnsibleSetting, 'ini' | 'variables'> {
  return { ini: [[section, key]], variables: [variable] };
}
