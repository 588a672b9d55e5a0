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
    ...place('hash_behaviour'),
    usual: /^replace$/i,
    fact: 'a mapping replaces the one that it overrides',
    hint: 'give the mappings names of their own, and write a | combine(b, recursive=true) where they are used',
  },
  {
    ...place('any_errors_fatal'),
    usual: NO,
    fact: 'the other hosts of a play go on',
    hint: 'write any_errors_fatal: true in the plays',
  },
  {
    ...place('strategy'),
    usual: /^(?:ansible\.builtin\.|mitogen_)?linear$/i,
    fact: 'a play has the strategy that it says, or linear',
    hint: 'write strategy: in the plays',
  },
  {
    ...place('no_log'),
    usual: NO,
    fact: 'what tasks do and print is shown',
    hint: 'write no_log: true at the tasks that have secrets',
  },
  {
    ...place('remote_port'),
    usual: /^(?:|22)$/,
    fact: 'the port of a host is that of the inventory, or of ssh',
    hint: 'set ansible_port in the inventory, such as in group_vars/all.yml',
  },
];

function place(key: string): Pick<AnsibleSetting, 'ini' | 'variables'> {
  return { ini: [['defaults', key]], variables: [`ANSIBLE_${key.toUpperCase()}`] };
}
