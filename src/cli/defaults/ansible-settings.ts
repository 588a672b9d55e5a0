import { booleanOf } from '../../core/boolean-words.ts';

/** How the text of a setting becomes the values of an option. */
export type SettingKind =
  | 'text'
  | 'number'
  | 'flag'
  | 'path'
  | 'paths'
  | 'list'
  | 'verbosity'
  | 'transport'
  | 'callback'
  | 'ssh';

/** A setting of Ansible that corresponds to an option of kplay. */
export interface AnsibleSetting {
  /** The long name of the option. */
  readonly option: string;
  readonly kind: SettingKind;
  /** Sections and keys of ansible.cfg, and variables; the first that is set applies. */
  readonly ini: readonly (readonly [section: string, key: string])[];
  readonly variables: readonly string[];
}

/** Names and types from ansible-core 2.19: config/base.yml and plugins/connection/ssh.py. */
export const ANSIBLE_SETTINGS: readonly AnsibleSetting[] = [
  setting('--inventory', 'paths', [['defaults', 'inventory']], 'ANSIBLE_INVENTORY'),
  setting('--forks', 'number', [['defaults', 'forks']], 'ANSIBLE_FORKS'),
  setting('--user', 'text', [['defaults', 'remote_user']], 'ANSIBLE_REMOTE_USER'),
  setting('--connection', 'transport', [['defaults', 'transport']], 'ANSIBLE_TRANSPORT'),
  setting('--private-key', 'path', [['defaults', 'private_key_file']], 'ANSIBLE_PRIVATE_KEY_FILE'),
  setting('--ask-pass', 'flag', [['defaults', 'ask_pass']], 'ANSIBLE_ASK_PASS'),
  setting('--become', 'flag', [['privilege_escalation', 'become']], 'ANSIBLE_BECOME'),
  setting('--become-user', 'text', [['privilege_escalation', 'become_user']], 'ANSIBLE_BECOME_USER'),
  setting('--become-method', 'text', [['privilege_escalation', 'become_method']], 'ANSIBLE_BECOME_METHOD'),
  setting('--become-password-file', 'path', [['defaults', 'become_password_file']], 'ANSIBLE_BECOME_PASSWORD_FILE'),
  setting('--ask-become-pass', 'flag', [['privilege_escalation', 'become_ask_pass']], 'ANSIBLE_BECOME_ASK_PASS'),
  setting('--ssh-args', 'ssh', [['ssh_connection', 'ssh_args']], 'ANSIBLE_SSH_ARGS'),
  setting('--ssh-common-args', 'ssh', [['ssh_connection', 'ssh_common_args']], 'ANSIBLE_SSH_COMMON_ARGS'),
  setting('--ssh-extra-args', 'ssh', [['ssh_connection', 'ssh_extra_args']], 'ANSIBLE_SSH_EXTRA_ARGS'),
  {
    option: '--timeout',
    kind: 'number',
    ini: [
      ['defaults', 'timeout'],
      ['ssh_connection', 'timeout'],
    ],
    variables: ['ANSIBLE_TIMEOUT', 'ANSIBLE_SSH_TIMEOUT'],
  },
  setting('--tags', 'list', [['tags', 'run']], 'ANSIBLE_RUN_TAGS'),
  setting('--skip-tags', 'list', [['tags', 'skip']], 'ANSIBLE_SKIP_TAGS'),
  setting('--force-handlers', 'flag', [['defaults', 'force_handlers']], 'ANSIBLE_FORCE_HANDLERS'),
  setting('--diff', 'flag', [['diff', 'always']], 'ANSIBLE_DIFF_ALWAYS'),
  setting('--no-color', 'flag', [['defaults', 'nocolor']], 'ANSIBLE_NOCOLOR'),
  setting('--verbose', 'verbosity', [['defaults', 'verbosity']], 'ANSIBLE_VERBOSITY'),
  setting('--output', 'callback', [['defaults', 'stdout_callback']], 'ANSIBLE_STDOUT_CALLBACK'),
];

/** Whether host keys are checked: only read to report that kplay checks them anyway. */
export const HOST_KEY_CHECKING: Pick<AnsibleSetting, 'ini' | 'variables'> = {
  ini: [
    ['defaults', 'host_key_checking'],
    ['ssh_connection', 'host_key_checking'],
  ],
  variables: ['ANSIBLE_HOST_KEY_CHECKING', 'ANSIBLE_SSH_HOST_KEY_CHECKING'],
};

/** The variable with the path of the file. */
export const CONFIG_VARIABLE = 'ANSIBLE_CONFIG';

function setting(
  option: string,
  kind: SettingKind,
  ini: AnsibleSetting['ini'],
  ...variables: readonly string[]
): AnsibleSetting {
  return { option, kind, ini, variables };
}

/** Ansible's notion of true; it treats anything else as false. */
export function isTrue(text: string): boolean {
  return booleanOf(text) === true;
}

/** Whether Ansible takes the text for a boolean; an empty one is false. */
export function isFlag(text: string): boolean {
  return text === '' || booleanOf(text) !== undefined;
}

/** Without surrounding quotes, which Ansible removes from values in ansible.cfg. */
export function unquoted(text: string): string {
  return /^(["'])(?:.*)\1$/s.test(text) && text.length > 1 && text.at(-2) !== '\\' ? text.slice(1, -1) : text;
}

/** Output plugins of Ansible with an equivalent in kplay; those that only differ in appearance are ignored. */
const CALLBACKS: Readonly<Record<string, string | undefined>> = {
  json: 'json',
  jsonl: 'json',
  minimal: 'plain',
  oneline: 'plain',
  default: undefined,
  yaml: undefined,
  debug: undefined,
  unixy: undefined,
  dense: undefined,
};

/** @returns null for a plugin without an equivalent in kplay. */
export function outputOf(callback: string): string | undefined | null {
  const name = callback.replace(/^(?:ansible\.(?:builtin|posix)|community\.general)\./, '');
  return Object.hasOwn(CALLBACKS, name) ? CALLBACKS[name] : null;
}

/** Ansible's names for OpenSSH mean the same. */
export function connectionOf(transport: string): string {
  const name = transport.replace(/^ansible\.(?:builtin|netcommon)\./, '');
  return /^(?:smart|paramiko|paramiko_ssh)$/.test(name) ? 'ssh' : name;
}

const UNCHECKED = /(?:^|(?<=\s))-o\s*(["']?)StrictHostKeyChecking(?:\s*=\s*|\s+)(?:no|off|false)\1(?=\s|$)/gi;

/** Arguments of ssh without those that disable the check of host keys; undefined when there are none. */
export function withChecks(args: string): string | undefined {
  const checked = args.replace(UNCHECKED, ' ').replace(/\s+/g, ' ').trim();
  return checked === args.trim().replace(/\s+/g, ' ') ? undefined : checked;
}
