import { Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import type { Json } from '../../core/json.ts';
import type { Located } from '../../core/source.ts';
import { SAFE_ALGORITHMS } from './algorithms.ts';
import { readIdentities } from './identities.ts';
import { warnOfIgnored } from './ignored-variables.ts';
import {
  ARGUMENTS_VARIABLES,
  type BecomeSettings,
  type CommonSettings,
  type ConnectionOptions,
  type HostKeySettings,
  type HostSettings,
  type SshDestination,
  type SshSettings,
} from './settings.ts';
import { type JumpName, parseSshArguments, type SshArguments } from './ssh-arguments.ts';
import { expandHome, expandTokens, type TokenValues } from './ssh-tokens.ts';
import { VariableReader } from './variable-reader.ts';

const USER_KNOWN_HOSTS = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];
const GLOBAL_KNOWN_HOSTS = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;
const DEFAULT_KEEP_ALIVE = { intervalMs: 15_000, count: 3 };
/** Ansible's names for OpenSSH; `smart` has meant OpenSSH for ten years. */
const SSH_CONNECTIONS = new Set(['ssh', 'ansible.builtin.ssh', 'smart', 'paramiko', 'paramiko_ssh']);

/**
 * Interprets the connection variables of Ansible for one host: ansible_host, _port, _user, _password, _ssh_private_key_file,
 * _ssh_private_key_passphrase, _ssh_args, _ssh_common_args, _ssh_extra_args, _become and its kin, _connection; and
 * `kplay_rootfs` and `kplay_jump_private_key_file`. `~/.ssh/config` is not read: its settings have to be given as variables.
 *
 * Pure. `vars` are the host's variables with their templates expanded. Problems are added to `problems`; the result must not
 * be used if any of them is an error.
 */
export function connectionSettings(
  host: Host,
  vars: ReadonlyMap<string, Located<Json>>,
  options: ConnectionOptions,
  problems: Problems,
): HostSettings {
  const variables = new VariableReader(vars, problems);
  warnOfIgnored(vars, problems);
  const common: CommonSettings = {
    host: host.name,
    become: readBecome(variables, options, problems),
    rootfs: readRootfs(variables, problems),
  };
  const connection = variables.text('ansible_connection');
  if (['local', 'ansible.builtin.local'].includes(connection?.value ?? options.connection ?? '')) {
    // Nothing of it is used, but an invalid value is a mistake all the same.
    const unused = new Problems();
    readSsh(host, new VariableReader(vars, unused), options, unused);
    problems.addAll(unused.all.filter(({ severity }) => severity === 'error'));
    return { ...common, transport: 'local' };
  }
  if (connection && !SSH_CONNECTIONS.has(connection.value)) {
    problems.error(`ansible_connection '${connection.value}' is not supported`, connection.range, 'use ssh or local');
  }
  return { ...common, transport: 'ssh', ...readSsh(host, variables, options, problems) };
}

type SshOnly = Omit<SshSettings, keyof CommonSettings | 'transport'>;

/** The variables that set the address of a host. */
export const ADDRESS_VARIABLES = ['ansible_host', 'ansible_ssh_host'] as const;

/** The host's name, if no variable sets its address. */
export function addressOf(host: Host, variables: VariableReader): string {
  return variables.text(...ADDRESS_VARIABLES)?.value ?? host.name;
}

function readSsh(host: Host, variables: VariableReader, options: ConnectionOptions, problems: Problems): SshOnly {
  const { first, args } = readArguments(variables, options, problems);
  const ownUser = variables.text('ansible_user', 'ansible_ssh_user')?.value;
  const ownPort = variables.port('ansible_port', 'ansible_ssh_port');
  const target: SshDestination = {
    address: addressOf(host, variables),
    port: first.port ?? ownPort ?? args.port ?? 22,
    user: first.user ?? ownUser ?? options.user ?? args.user ?? options.localUser,
  };
  const tokens: TokenValues = {
    d: options.home,
    // ssh writes both in small letters.
    h: target.address.toLowerCase(),
    k: args.hostKeyAlias?.toLowerCase() ?? host.name,
    n: host.name,
    p: String(target.port),
    r: target.user,
    u: options.localUser,
  };
  const pathOf = (text: string): string => expandHome(expandTokens(text, tokens), options);
  const identities = readIdentities({ variables, options, pathOf, problems }, first.identityFiles, args.identityFiles);
  return {
    target,
    jumps: (args.jumps ?? []).map((jump) => jumpEndpoint(jump, tokens, options)),
    password: variables.secret('ansible_password', 'ansible_ssh_password', 'ansible_ssh_pass') ?? options.password,
    ...identities,
    passphrase: variables.secret('ansible_ssh_private_key_passphrase'),
    identitiesOnly: args.identitiesOnly ?? false,
    algorithms: { ...SAFE_ALGORITHMS, ...args.algorithms },
    ...hostKeysOf(args, options, pathOf),
    connectTimeoutMs: options.connectTimeoutMs ?? (args.connectTimeoutMs || DEFAULT_CONNECT_TIMEOUT_MS),
    keepAlive: options.keepAlive ?? {
      intervalMs: args.keepAliveIntervalMs ?? (args.keepsAlive === false ? 0 : DEFAULT_KEEP_ALIVE.intervalMs),
      count: args.keepAliveCount ?? DEFAULT_KEEP_ALIVE.count,
    },
  };
}

/** How the keys of the host and of its jump hosts are checked. */
function hostKeysOf(
  args: SshArguments,
  options: ConnectionOptions,
  pathOf: (text: string) => string,
): Pick<SshSettings, 'hostKeys' | 'jumpHostKeys'> {
  const hostKeys: HostKeySettings = {
    mode: options.hostKeys ?? args.hostKeyMode ?? 'strict',
    alias: args.hostKeyAlias,
    userFiles: (args.userKnownHostsFiles ?? USER_KNOWN_HOSTS).map(pathOf),
    // These have no tokens.
    globalFiles: (args.globalKnownHostsFiles ?? GLOBAL_KNOWN_HOSTS).map((path) => expandHome(path, options)),
  };
  // ssh passes none of these options on. The files that are named hold good too: kplay has no ssh_config to name others.
  const jumpHostKeys: HostKeySettings = {
    mode: options.hostKeys ?? 'strict',
    alias: undefined,
    userFiles: [...new Set([...hostKeys.userFiles, ...USER_KNOWN_HOSTS.map(pathOf)])],
    globalFiles: [...new Set([...hostKeys.globalFiles, ...GLOBAL_KNOWN_HOSTS])],
  };
  return { hostKeys, jumpHostKeys };
}

/**
 * The three variables as one list of arguments, and what is in the first of them. Ansible passes the user, the port and the key
 * of a host behind that one and before the others, and of several ssh takes the first.
 */
function readArguments(
  variables: VariableReader,
  options: ConnectionOptions,
  problems: Problems,
): Readonly<Record<'first' | 'args', SshArguments>> {
  const args: SshArguments = { identityFiles: [] };
  let first: SshArguments = { identityFiles: [] };
  for (const name of ARGUMENTS_VARIABLES) {
    const variable = variables.text(name);
    const text = variable ?? options.sshArguments?.[name];
    if (!text) continue;
    const label = variable ? name : text.range.file.path;
    const hadMode = args.hostKeyMode;
    parseSshArguments(
      text.value,
      {
        error: (message, hint) => problems.error(`${label}: ${message}`, text.range, hint),
        warning: (message, hint) => problems.warning(`${label}: ${message}`, text.range, hint),
      },
      args,
    );
    if (name === 'ansible_ssh_args') first = { ...args, identityFiles: [...args.identityFiles] };
    if (options.hostKeys === undefined && hadMode === undefined && args.hostKeyMode === 'no') {
      problems.warning(
        `${label} turns host key checking off: any machine that answers is accepted as the host`,
        text.range,
        'StrictHostKeyChecking=accept-new accepts new keys once and checks them from then on',
      );
    }
  }
  return { first, args };
}

/** The tokens in `ProxyJump` stand for the host behind the jumps. */
function jumpEndpoint(
  { address, port, user }: JumpName,
  tokens: TokenValues,
  { localUser }: ConnectionOptions,
): SshDestination {
  return {
    address: expandTokens(address, tokens),
    port: port ?? 22,
    user: user === undefined ? localUser : expandTokens(user, tokens),
  };
}

function readBecome(
  variables: VariableReader,
  options: ConnectionOptions,
  problems: Problems,
): BecomeSettings | undefined {
  const become = variables.flag('ansible_become') ?? options.become ?? false;
  const user = variables.text('ansible_become_user');
  const method = variables.text('ansible_become_method');
  const password = variables.secret('ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass');
  const ignored = ['ansible_become_exe', 'ansible_become_flags'].flatMap((name) => {
    const variable = variables.text(name);
    return variable ? [{ name, range: variable.range }] : [];
  });
  if (!become) return undefined;
  if (user && user.value !== 'root') {
    problems.error(`ansible_become_user '${user.value}' is not supported`, user.range, 'kplay can only become root');
  }
  if (method && method.value !== 'sudo') {
    problems.error(`ansible_become_method '${method.value}' is not supported`, method.range, 'use sudo');
  }
  for (const { name, range } of ignored) problems.warning(`${name} has no effect in kplay`, range);
  return { password: password ?? options.becomePassword };
}

function readRootfs(variables: VariableReader, problems: Problems): string {
  const rootfs = variables.text('kplay_rootfs');
  if (!rootfs) return '';
  if (!rootfs.value.startsWith('/')) problems.error('kplay_rootfs must be an absolute path', rootfs.range);
  return rootfs.value.replace(/\/+$/, '');
}
