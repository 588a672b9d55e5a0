import { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import { parseSshArguments, type SshArguments } from './ssh-arguments.ts';
import type { SshConfig, SshSetting } from './ssh-config.ts';
import { escapeTokens, expandTokens, TOKEN_HINT, unsupportedToken } from './ssh-tokens.ts';
import { quoteArgument } from './ssh-words.ts';
import { portNumber } from './variables.ts';

/** Connection variables of a host, as an inventory has them. */
export type ConnectionVariables = Readonly<Record<string, string | number>>;

/**
 * The settings of a host in an ssh_config, as equivalent variables for kplay. Jump hosts that the file defines under other
 * names are replaced by their addresses. Settings without effect in kplay are warnings in `problems`.
 */
export function connectionVariables(config: SshConfig, name: string, problems: Problems): ConnectionVariables {
  const settings = firstOfEachName(config.settingsOf(name));
  const address = addressIn(settings, name, problems);
  const port = portIn(settings, problems);
  const user = settings.find(isCalled('user'))?.value;
  const [key, ...keys] = identityFiles(settings, { name, address, user }, problems);
  const jumps = settings.find(isCalled('proxyjump')) ?? settings.find(isJumpCommand);
  const options = [
    ...keys.map((file) => `IdentityFile=${file}`),
    ...(jumps ? jumpOptions(jumps, config, problems) : []),
    ...settings.filter((setting) => !jumps || !isCalled('proxycommand')(setting)).flatMap(otherOption(problems)),
  ];
  return {
    ...(address !== name && { ansible_host: address }),
    ...(port !== undefined && { ansible_port: port }),
    ...(user !== undefined && { ansible_user: user }),
    ...(key !== undefined && { ansible_ssh_private_key_file: key }),
    ...(options.length > 0 && {
      ansible_ssh_common_args: options.map((option) => `-o ${quoteArgument(option)}`).join(' '),
    }),
  };
}

/** Keywords with a variable of their own, or with special handling. */
const SPECIAL_KEYWORDS = ['hostname', 'port', 'user', 'identityfile', 'proxyjump'];

function isCalled(name: string): (setting: SshSetting) => boolean {
  return ({ keyword }) => keyword.toLowerCase() === name;
}

/** The first value counts, except for identity files. */
function firstOfEachName(settings: readonly SshSetting[]): readonly SshSetting[] {
  const seen = new Set<string>();
  return settings.filter(({ keyword }) => {
    const name = keyword.toLowerCase();
    if (name === 'identityfile') return true;
    const isFirst = !seen.has(name);
    seen.add(name);
    return isFirst;
  });
}

function addressIn(settings: readonly SshSetting[], name: string, problems: Problems): string {
  const written = settings.find(isCalled('hostname'));
  if (!written) return name;
  const token = unsupportedToken('HostName', written.value);
  if (token !== undefined) problems.error(`'${token}' in HostName is not supported`, written.range, TOKEN_HINT);
  return expandTokens(written.value, { h: name });
}

function portIn(settings: readonly SshSetting[], problems: Problems): number | undefined {
  const written = settings.find(isCalled('port'));
  const port = written && portNumber(written.value);
  if (written && port === undefined) problems.error(`'${written.value}' is not a port number`, written.range);
  return port;
}

interface Login {
  readonly name: string;
  readonly address: string;
  readonly user: string | undefined;
}

/** Their paths, with tokens expanded: in a variable, those of a jump host would stand for the host behind it. */
function identityFiles(settings: readonly SshSetting[], login: Login, problems: Problems): readonly string[] {
  const values = { d: '~', h: login.address, n: login.name, r: login.user };
  return settings.filter(isCalled('identityfile')).flatMap(({ value, range }) => {
    if (value.toLowerCase() === 'none') return [];
    const token = unsupportedToken('IdentityFile', value, values);
    if (token === undefined) return [escapeTokens(expandTokens(value, values))];
    problems.warning(`'${token}' in IdentityFile is not supported: the key is ignored`, range, 'write its path');
    return [];
  });
}

/** `ssh -W %h:%p bastion`: the predecessor of ProxyJump. */
const JUMP_COMMAND = /^(?:\S*\/)?ssh\s+(?:-q\s+)?(?:-W\s+\[?%h\]?:%p\s+(\S+)|(\S+)\s+-W\s+\[?%h\]?:%p)$/;

function isJumpCommand(setting: SshSetting): boolean {
  return isCalled('proxycommand')(setting) && JUMP_COMMAND.test(setting.value);
}

/** The jump hosts, and their keys. */
function jumpOptions(setting: SshSetting, config: SshConfig, problems: Problems): readonly string[] {
  const [, before, after] = JUMP_COMMAND.exec(setting.value) ?? [];
  const written = before ?? after ?? setting.value;
  if (written.toLowerCase() === 'none') return [];
  const hops = jumpsOf(written, config, setting.range, [], problems);
  const keys = [...new Set(hops.flatMap((jump) => jump.keys))];
  return [`ProxyJump=${hops.map(({ text }) => text).join(',')}`, ...keys.map((file) => `IdentityFile=${file}`)];
}

interface Jump {
  /** As in `ProxyJump`. */
  readonly text: string;
  readonly keys: readonly string[];
}

function jumpsOf(
  written: string,
  config: SshConfig,
  range: SourceRange,
  above: readonly string[],
  problems: Problems,
): readonly Jump[] {
  const token = unsupportedToken('ProxyJump', written);
  if (token !== undefined) problems.error(`'${token}' in ProxyJump is not supported`, range, TOKEN_HINT);
  return written.split(',').flatMap((one): readonly Jump[] => {
    const [, givenUser, name = '', givenPort] =
      /^(?:ssh:\/\/)?(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(one) ?? [];
    if (above.includes(name)) {
      problems.error(`ProxyJump forms a cycle: ${[...above, name].join(', ')}`, range);
      return [];
    }
    const settings = firstOfEachName(config.settingsOf(name));
    const address = addressIn(settings, name, problems);
    const ownUser = settings.find(isCalled('user'))?.value;
    const user = givenUser ?? (ownUser === undefined ? undefined : escapeTokens(ownUser));
    const port = givenPort ?? portIn(settings, problems);
    const next = settings.find(isCalled('proxyjump'))?.value;
    const before =
      next === undefined || next.toLowerCase() === 'none'
        ? []
        : jumpsOf(next, config, range, [...above, name], problems);
    // In a name, tokens stand for the host behind; in the settings of the jump host, they do not.
    const jump = name.includes('%') ? address : escapeTokens(address);
    const shown = jump.includes(':') && !jump.startsWith('[') ? `[${jump}]` : jump;
    const text = `${user === undefined ? '' : `${user}@`}${shown}${port === undefined ? '' : `:${port}`}`;
    return [
      ...before,
      { text, keys: identityFiles(settings, { name, address, user: givenUser ?? ownUser }, problems) },
    ];
  });
}

/** `Name=value` if kplay uses it; otherwise nothing, with a warning if it would make a difference. */
function otherOption(problems: Problems): (setting: SshSetting) => readonly string[] {
  return ({ keyword, value, range }) => {
    if (SPECIAL_KEYWORDS.includes(keyword.toLowerCase())) return [];
    const option = `${keyword}=${value}`;
    const optionProblems = new Problems();
    const read = parseSshArguments(`-o ${quoteArgument(option)}`, {
      error: (message, hint) => optionProblems.error(message, undefined, hint),
      warning: (message, hint) => optionProblems.warning(message, undefined, hint),
    });
    const [problem] = optionProblems.all;
    if (problem) problems.warning(`${problem.message}: it is left out`, range, problem.hint);
    return problem || isEmpty(read) ? [] : [option];
  };
}

function isEmpty({ identityFiles: files, ...others }: SshArguments): boolean {
  return files.length === 0 && Object.keys(others).length === 0;
}
