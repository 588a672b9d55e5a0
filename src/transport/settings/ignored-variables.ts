import { CONNECTION_VARIABLES } from '../../core/connection-variables.ts';
import type { Problems } from '../../core/diagnostic.ts';
import type { Json } from '../../core/json.ts';
import type { Located } from '../../core/source.ts';
import { nearest } from '../../core/suggest.ts';

const PREFIX = 'ansible_';

/** Without the prefix: most of a name's letters would be alike. */
const SUPPORTED = [...CONNECTION_VARIABLES]
  .filter((name) => name.startsWith(PREFIX))
  .map((name) => name.slice(PREFIX.length));

/** Variables that Ansible needs and kplay does not: ignoring them changes nothing. */
const UNNEEDED =
  /^ansible_(?:\w+_interpreter|pipelining|ssh_pipelining|remote_tmp|remote_temp|system_tmpdirs|async_dir|keep_remote_files|no_target_syslog|shell_allow_world_readable_temp|control_path|ssh_control_path|control_path_dir|ssh_control_path_dir|ssh_transfer_method|scp_if_ssh|ssh_use_tty|scp_executable|sftp_executable|sftp_batch_mode|scp_extra_args|sftp_extra_args)$/;

/** What Ansible would do because of it, and the equivalent for kplay. */
const IGNORED: ReadonlyMap<string, string> = new Map([
  ['host_key_checking', 'use -o StrictHostKeyChecking=… in ansible_ssh_common_args, or --host-key-checking'],
  ['ssh_host_key_checking', 'use -o StrictHostKeyChecking=… in ansible_ssh_common_args, or --host-key-checking'],
  ['ssh_retries', 'remove it: a connection that is refused is tried again twice'],
  ['ssh_timeout', 'use -o ConnectTimeout=… in ansible_ssh_common_args, or --timeout'],
  ['timeout', 'use -o ConnectTimeout=… in ansible_ssh_common_args, or --timeout'],
  ['command_timeout', 'remove it: steps that wait have a timeout of their own'],
  ['ssh_executable', 'remove it: kplay speaks SSH itself'],
  ['ssh_private_key', 'write the key to a file, and name that: ansible_ssh_private_key_file'],
  ['private_key', 'write the key to a file, and name that: ansible_ssh_private_key_file'],
  ['shell_type', 'remove it: kplay runs POSIX sh'],
  ['shell_executable', 'remove it: kplay runs /bin/sh'],
  ['executable', 'remove it: kplay runs /bin/sh'],
  ['remote_user', 'use ansible_user'],
  ['sudo', 'use ansible_become'],
  ['sudo_user', 'use ansible_become: kplay can only become root'],
  ['su', 'use ansible_become: kplay uses sudo'],
  ['su_user', 'use ansible_become: kplay uses sudo'],
  ['su_pass', 'use ansible_become and ansible_become_password'],
  ['become_plugin', 'remove it: kplay uses sudo'],
  ['ssh_proxy_command', 'use -o ProxyJump=user@host:port in ansible_ssh_common_args'],
  ['ssh_password_mechanism', 'remove it: kplay takes passwords from ansible_password'],
  ['network_os', 'remove it: kplay reaches hosts by SSH'],
]);

/**
 * Warns about variables that make Ansible reach the host in another way than kplay does, and about likely misspellings of
 * known ones. Other variables with such a prefix (`ansible_facts`, `ansible_date_time`) may belong to a playbook.
 */
export function warnOfIgnored(vars: ReadonlyMap<string, Located<Json>>, problems: Problems): void {
  for (const [name, { range }] of vars) {
    if (!name.startsWith(PREFIX) || CONNECTION_VARIABLES.has(name) || UNNEEDED.test(name)) continue;
    const hint = IGNORED.get(name.slice(PREFIX.length));
    if (hint !== undefined) problems.warning(`${name} has no effect in kplay`, range, hint);
    else if (/^ansible_(?:paramiko|winrm|psrp|docker|kubectl|podman|netconf|httpapi|aws_ssm)_/.test(name))
      problems.warning(`${name} has no effect in kplay`, range, 'remove it: kplay reaches hosts by SSH');
    else {
      const closest = nearest(name.slice(PREFIX.length), SUPPORTED);
      if (closest !== undefined)
        problems.warning(`nothing reads the variable ${name}`, range, `did you mean ${PREFIX}${closest}?`);
    }
  }
}
