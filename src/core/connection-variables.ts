const names = (prefix: string, words: string): readonly string[] => words.split(' ').map((word) => prefix + word);

/**
 * Variables that decide how a host is reached. They are read from the inventory and from `-e`, before any task: unlike in Ansible,
 * a playbook cannot set them.
 */
export const CONNECTION_VARIABLES: ReadonlySet<string> = new Set([
  ...names('ansible_', 'host ssh_host port ssh_port user ssh_user password ssh_password ssh_pass connection'),
  ...names('ansible_', 'private_key_file ssh_private_key_file ssh_private_key_passphrase'),
  ...names('ansible_', 'ssh_args ssh_common_args ssh_extra_args'),
  ...names(
    'ansible_',
    'become become_user become_method become_password become_pass sudo_pass become_exe become_flags',
  ),
  ...names('kplay_', 'jump_private_key_file rootfs'),
]);
