import { timerMs } from '../../core/timer.ts';
import { type AlgorithmKind, knownAlgorithms, type OfferedAlgorithms, readAlgorithms } from './algorithms.ts';
import { type OptionWithTokens, otherHome, tokenHint, unsupportedToken } from './ssh-tokens.ts';
import { type HostKeyMode, hostKeyMode, secondsOf, yesOrNo } from './ssh-values.ts';
import { splitConfigWords, splitWords } from './ssh-words.ts';
import { portNumber } from './variable-reader.ts';

/** A jump host, as in `ProxyJump`: tokens are not expanded yet, and are known to be supported. */
export interface JumpName {
  readonly address: string;
  readonly port: number | undefined;
  readonly user: string | undefined;
}

/**
 * The settings in arguments of OpenSSH's `ssh`, as far as kplay supports them. Tokens in identity files and known_hosts files of
 * the user are not expanded yet, and are known to be supported.
 */
export interface SshArguments {
  user?: string;
  port?: number;
  /** `none` stands for no key. */
  readonly identityFiles: string[];
  identitiesOnly?: boolean;
  jumps?: readonly JumpName[];
  userKnownHostsFiles?: readonly string[];
  globalKnownHostsFiles?: readonly string[];
  hostKeyMode?: HostKeyMode;
  hostKeyAlias?: string;
  /** 0: no timeout of its own. */
  connectTimeoutMs?: number;
  keepAliveIntervalMs?: number;
  /** `none` is a default for the interval: any number wins over it. */
  keepsAlive?: false;
  keepAliveCount?: number;
  algorithms?: Partial<OfferedAlgorithms>;
}

/** Receives problems of the arguments. */
interface ArgumentProblems {
  error(message: string, hint?: string): void;
  warning(message: string, hint?: string): void;
}

/** Flags of ssh without a value. */
const BARE_FLAGS = '46AaCfGgKkMNnqsTtVvXxYy';
/** Flags without effect in kplay. */
const HARMLESS_FLAGS = 'aCknqTvxy';
/** Options without effect in kplay, which has one connection per host, no terminal and no agent forwarding. */
const HARMLESS_OPTIONS = new Set([
  'batchmode',
  'checkhostip',
  'compression',
  'controlmaster',
  'controlpath',
  'controlpersist',
  'forwardx11',
  'hashknownhosts',
  'loglevel',
  'numberofpasswordprompts',
  'requesttty',
  'tcpkeepalive',
  'updatehostkeys',
  'visualhostkey',
]);

/**
 * Parses arguments such as those of `ansible_ssh_common_args`. As in OpenSSH the first value of an option counts, and identity
 * files accumulate.
 * @param result what the arguments before these say, to which they are added
 */
export function parseSshArguments(
  text: string,
  problems: ArgumentProblems,
  result: SshArguments = { identityFiles: [] },
): SshArguments {
  const words = splitWords(text);
  if (!words) {
    problems.error('a quote is not closed');
    return result;
  }
  while (words.length > 0) {
    const word = words.shift() ?? '';
    const flag = word[1] ?? '';
    if (!/^-[A-Za-z0-9]/.test(word)) {
      problems.error(`'${word}' is not an ssh option`, 'write options only; the host comes from ansible_host');
    } else if (BARE_FLAGS.includes(flag)) {
      warnOfBareFlag(flag, problems);
      if (word.length > 2) words.unshift(`-${word.slice(2)}`);
    } else {
      const value = word.length > 2 ? word.slice(2) : words.shift();
      if (value === undefined) problems.error(`-${flag} needs a value`);
      else readFlag(flag, value, result, problems);
    }
  }
  return result;
}

function warnOfBareFlag(flag: string, problems: ArgumentProblems): void {
  if (!HARMLESS_FLAGS.includes(flag)) problems.warning(`ssh's option -${flag} has no effect in kplay`);
}

function readFlag(flag: string, value: string, result: SshArguments, problems: ArgumentProblems): void {
  switch (flag) {
    case 'o': {
      const [, name = '', setting = ''] = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/s.exec(value) ?? [];
      const words = splitConfigWords(setting);
      if (!words) problems.error(`a quote is not closed in -o ${value}`);
      else if (name === '' || words.length === 0) problems.error(`-o ${value} must be written -o Name=Value`);
      else readOption(name, words, result, problems);
      return;
    }
    case 'i':
      readOption('IdentityFile', [value], result, problems);
      return;
    case 'J':
      readOption('ProxyJump', [value], result, problems);
      return;
    // These two win over the option, and the last of several over the others.
    case 'c':
      result.algorithms = { ...result.algorithms, ...offeredAlgorithms('Ciphers', value, problems) };
      return;
    case 'm':
      result.algorithms = { ...result.algorithms, ...offeredAlgorithms('MACs', value, problems) };
      return;
    case 'l':
      readOption('User', [value], result, problems);
      return;
    case 'p':
      readOption('Port', [value], result, problems);
      return;
    case 'F':
      problems.warning(`-F ${value} has no effect: kplay does not read ssh_config`, 'use variables or -o options');
      return;
    default:
      problems.warning(`ssh's option -${flag} has no effect in kplay`);
  }
}

/** @param words more than one for a list, and for what an option of ssh itself would refuse */
function readOption(name: string, words: readonly string[], result: SshArguments, problems: ArgumentProblems): void {
  const value = words.join(' ');
  switch (name.toLowerCase()) {
    case 'user':
      result.user ??= value;
      return;
    case 'port': {
      const port = portNumber(value);
      if (port === undefined) problems.error(`'${value}' is not a port number`);
      else result.port ??= port;
      return;
    }
    case 'identityfile':
      if (hasOnlySupportedTokens('IdentityFile', value, problems)) result.identityFiles.push(value);
      return;
    case 'identitiesonly': {
      const only = yesOrNo(value);
      if (only === undefined) problems.error(`IdentitiesOnly=${value} is unknown`, 'use yes or no');
      else result.identitiesOnly ??= only;
      return;
    }
    case 'proxyjump': {
      const jumps = value.toLowerCase() === 'none' ? [] : value.split(',').map(parseJump);
      if (!hasOnlySupportedTokens('ProxyJump', value, problems)) return;
      if (!jumps.every((jump) => jump !== undefined)) problems.error(`ProxyJump '${value}' is not user@host:port,…`);
      else result.jumps ??= jumps;
      return;
    }
    case 'proxycommand':
      if (value.toLowerCase() !== 'none') {
        problems.error('ProxyCommand is not supported', 'use -o ProxyJump=user@host:port instead of ssh -W');
      }
      return;
    case 'userknownhostsfile':
      if (words.every((word) => hasOnlySupportedTokens('UserKnownHostsFile', word, problems)))
        result.userKnownHostsFiles ??= fileNames(words);
      return;
    case 'globalknownhostsfile': {
      const other = words.map(otherHome).find((home) => home !== undefined);
      if (other !== undefined) problems.error(`'${other}' in ${name} is not supported`, tokenHint(other));
      else result.globalKnownHostsFiles ??= fileNames(words);
      return;
    }
    case 'stricthostkeychecking': {
      const mode = hostKeyMode(value);
      if (!mode) problems.error(`StrictHostKeyChecking=${value} is unknown`, 'use yes, accept-new or no');
      else result.hostKeyMode ??= mode;
      return;
    }
    case 'hostkeyalias':
      result.hostKeyAlias ??= value;
      return;
    case 'connecttimeout':
      readTime(name, value, problems, (time) => (result.connectTimeoutMs ??= time));
      return;
    case 'serveraliveinterval':
      if (value.toLowerCase() === 'none') result.keepsAlive ??= false;
      readTime(name, value, problems, (time) => (result.keepAliveIntervalMs ??= time));
      return;
    case 'serveralivecountmax':
      if (/^\d+$/.test(value)) result.keepAliveCount ??= Number(value);
      else problems.error(`ServerAliveCountMax=${value} is not a number`);
      return;
    default:
      readAlgorithmOption(name, value, result, problems);
  }
}

function readAlgorithmOption(name: string, value: string, result: SshArguments, problems: ArgumentProblems): void {
  const offer = (kind: AlgorithmKind): void => {
    result.algorithms = { ...offeredAlgorithms(kind, value, problems), ...result.algorithms };
  };
  switch (name.toLowerCase()) {
    case 'kexalgorithms':
      offer('KexAlgorithms');
      return;
    case 'hostkeyalgorithms':
      offer('HostKeyAlgorithms');
      return;
    case 'ciphers':
      offer('Ciphers');
      return;
    case 'macs':
      offer('MACs');
      return;
    case 'pubkeyacceptedalgorithms':
    case 'pubkeyacceptedkeytypes':
      acceptUserKeys(name, value, result, problems);
      return;
    default:
      if (!HARMLESS_OPTIONS.has(name.toLowerCase())) problems.warning(`ssh's option ${name} has no effect in kplay`);
  }
}

/** `none` means no file. */
function fileNames(words: readonly string[]): readonly string[] {
  return words.filter((path) => !isNone(path));
}

/** The word that stands for no file. */
export function isNone(path: string): boolean {
  return path.toLowerCase() === 'none';
}

/** A token that is not supported is a problem. */
export function hasOnlySupportedTokens(
  option: OptionWithTokens,
  value: string,
  problems: Pick<ArgumentProblems, 'error'>,
): boolean {
  const token = unsupportedToken(option, value);
  if (token !== undefined) problems.error(`'${token}' in ${option} is not supported`, tokenHint(token));
  return token === undefined;
}

function offeredAlgorithms(kind: AlgorithmKind, value: string, problems: ArgumentProblems): Partial<OfferedAlgorithms> {
  const algorithms = readAlgorithms(kind, value);
  if (algorithms) return { [kind]: algorithms };
  problems.error(
    `${kind}=${value} contains algorithms that kplay does not support`,
    `it knows ${knownAlgorithms(kind).join(', ')}`,
  );
  return {};
}

/** Of these signature algorithms only SHA-1 is a choice: better ones are always used if the host supports them. */
function acceptUserKeys(name: string, value: string, result: SshArguments, problems: ArgumentProblems): void {
  if (value !== '+ssh-rsa')
    problems.warning(`ssh's option ${name}=${value} has no effect in kplay: only +ssh-rsa is supported`);
  else result.algorithms = { sha1UserSignatures: true, ...result.algorithms };
}

/** Passes on milliseconds; nothing of `none`, which stands for the default. */
function readTime(name: string, value: string, problems: ArgumentProblems, take: (ms: number) => void): void {
  if (value.toLowerCase() === 'none') return;
  const seconds = secondsOf(value);
  if (seconds === undefined) problems.error(`${name}=${value} is not a number of seconds`, 'or write it like 1m30s');
  else take(timerMs(seconds * 1_000));
}

/** `[user@]host[:port]`, also `ssh://…` and `[v6]:port`. */
function parseJump(text: string): JumpName | undefined {
  const [, scheme, user, bracketed, plain, written] =
    /^(ssh:\/\/)?(?:(\S+)@)?(?:\[([^\]\s]+)\]|([^@:\s[\]]+))(?::(\d+))?$/.exec(text.trim()) ?? [];
  const address = bracketed ?? plain;
  const port = written === undefined ? undefined : portNumber(written);
  if (!address || (written !== undefined && port === undefined)) return undefined;
  // A user's name may hold an @, except in a URI.
  return scheme && user?.includes('@') ? undefined : { address, port, user };
}
