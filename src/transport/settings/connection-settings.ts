import { Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import type { Json } from '../../core/json.ts';
import type { Located } from '../../core/source.ts';
import { SAFE_ALGORITHMS } from './algorithms.ts';
import { warnOfIgnored } from './ignored-variables.ts';
import {
  ARGUMENTS_VARIABLES,
  type BecomeSettings,
  type CommonSettings,
  type ConnectionOptions,
  type HostKeySettings,
  type HostSettings,
  type IdentityFile,
  type SshDestination,
  type SshSettings,
} from './settings.ts';
import {
  hasOnlySupportedTokens,
  isNone,
  type JumpName,
  parseSshArguments,
  type SshArguments,
} from './ssh-arguments.ts';
import { expandTokens, type TokenValues } from './ssh-tokens.ts';
import { splitConfigWords } from './ssh-words.ts';
import { VariableReader } from './variable-reader.ts';

const DEFAULT_IDENTITIES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
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
  const files = (texts: readonly string[]): readonly IdentityFile[] =>
    texts.filter((text) => !isNone(text)).map((text) => ({ path: pathOf(text), isDefault: false }));
  const named = [
    ...files(first.identityFiles),
    ...namedIdentity(variables, options, pathOf, problems),
    ...files(args.identityFiles.slice(first.identityFiles.length)),
  ];
  const hasOwn = named.length > 0 || args.identityFiles.length > 0;
  const identities = hasOwn ? named : defaultIdentities(options);
  const forJumps = jumpIdentities(variables, pathOf, problems);
  const hostKeys: HostKeySettings = {
    mode: options.hostKeys ?? args.hostKeyMode ?? 'strict',
    alias: args.hostKeyAlias,
    userFiles: (args.userKnownHostsFiles ?? USER_KNOWN_HOSTS).map(pathOf),
    // These have no tokens.
    globalFiles: (args.globalKnownHostsFiles ?? GLOBAL_KNOWN_HOSTS).map((path) => expandHome(path, options)),
  };
  return {
    target,
    jumps: (args.jumps ?? []).map((jump) => jumpEndpoint(jump, tokens, options)),
    password: variables.secret('ansible_password', 'ansible_ssh_password', 'ansible_ssh_pass') ?? options.password,
    identities,
    jumpIdentities: [...forJumps, ...identities, ...(hasOwn ? defaultIdentities(options) : [])].filter(
      // None is offered twice: an sshd accepts few attempts. The named ones come first.
      ({ path }, index, all) => all.findIndex((each) => each.path === path) === index,
    ),
    passphrase: variables.secret('ansible_ssh_private_key_passphrase'),
    identitiesOnly: args.identitiesOnly ?? false,
    algorithms: { ...SAFE_ALGORITHMS, ...args.algorithms },
    hostKeys,
    // ssh passes none of these options on. The files that are named hold good too: kplay has no ssh_config to name others.
    jumpHostKeys: {
      mode: options.hostKeys ?? 'strict',
      alias: undefined,
      userFiles: [...new Set([...hostKeys.userFiles, ...USER_KNOWN_HOSTS.map(pathOf)])],
      globalFiles: [...new Set([...hostKeys.globalFiles, ...GLOBAL_KNOWN_HOSTS])],
    },
    connectTimeoutMs: options.connectTimeoutMs ?? (args.connectTimeoutMs || DEFAULT_CONNECT_TIMEOUT_MS),
    keepAlive: options.keepAlive ?? {
      intervalMs: args.keepAliveIntervalMs ?? (args.keepsAlive === false ? 0 : DEFAULT_KEEP_ALIVE.intervalMs),
      count: args.keepAliveCount ?? DEFAULT_KEEP_ALIVE.count,
    },
  };
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

/** The key that a variable names, or else the command line. Ansible gives that of a variable to ssh as an IdentityFile. */
function namedIdentity(
  variables: VariableReader,
  options: ConnectionOptions,
  pathOf: (text: string) => string,
  problems: Problems,
): readonly IdentityFile[] {
  const named = variables.text('ansible_ssh_private_key_file', 'ansible_private_key_file');
  if (named) {
    hasOnlySupportedTokens('IdentityFile', named.value, {
      error: (message, hint) => problems.error(message, named.range, hint),
    });
    return [{ path: pathOf(named.value), range: named.range, isDefault: false }];
  }
  const { privateKeyFile } = options;
  if (!privateKeyFile) return [];
  const { value, range } = privateKeyFile;
  return [{ path: expandHome(value, options), range, isDefault: false }];
}

/** Keys of jump hosts alone, which no option of ssh can name: paths as in UserKnownHostsFile. */
function jumpIdentities(
  variables: VariableReader,
  pathOf: (text: string) => string,
  problems: Problems,
): readonly IdentityFile[] {
  const name = 'kplay_jump_private_key_file';
  const written = variables.text(name);
  if (!written) return [];
  const { value, range } = written;
  const words = splitConfigWords(value);
  if (!words) problems.error(`${name}: a quote is not closed`, range);
  const say = { error: (message: string, hint?: string) => problems.error(message, range, hint) };
  return (words ?? []).flatMap((path) =>
    hasOnlySupportedTokens('IdentityFile', path, say) ? [{ path: pathOf(path), range, isDefault: false }] : [],
  );
}

function defaultIdentities({ home }: ConnectionOptions): IdentityFile[] {
  return DEFAULT_IDENTITIES.map((name) => ({ path: `${home}/.ssh/${name}`, isDefault: true }));
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

function expandHome(path: string, { home }: ConnectionOptions): string {
  return path === '~' || path.startsWith('~/') ? home + path.slice(1) : path;
}
