import { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import { isNone, parseSshArguments, type SshArguments } from './ssh-arguments.ts';
import type { SshConfig, SshSetting } from './ssh-config.ts';
import { escapeTokens, expandTokens, tokenHint, unsupportedToken } from './ssh-tokens.ts';
import { hostKeyMode } from './ssh-values.ts';
import { joinConfigWords, quoteArgument } from './ssh-words.ts';
import { portNumber } from './variable-reader.ts';

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
  const way = wayTo(settings);
  const jumps = way && leadsThroughJumps(way) ? jumpsOf(jumpsIn(way), config, way.range, [], problems) : [];
  for (const setting of jumps.flatMap((jump) => jump.others)) warnOfJumpSetting(setting, settings, problems);
  const jumpKeys = [...new Set(jumps.flatMap((jump) => jump.keys))];
  const hasNoKey = settings.some((setting) => isCalled('identityfile')(setting) && isNone(setting.value));
  const options = [
    ...keys.map(identityOption),
    ...(key === undefined && hasNoKey ? [identityOption('none')] : []),
    ...(jumps.length > 0 ? [`ProxyJump=${jumps.map(({ text }) => text).join(',')}`] : []),
    ...settings
      .filter((setting) => !isCalled('proxycommand')(setting) || (setting === way && !leadsThroughJumps(way)))
      .flatMap(otherOption(problems)),
  ];
  return {
    ...(address !== name && { ansible_host: address }),
    ...(port !== undefined && { ansible_port: port }),
    ...(user !== undefined && { ansible_user: user }),
    ...(key !== undefined && { ansible_ssh_private_key_file: key }),
    ...(options.length > 0 && {
      ansible_ssh_common_args: options.map((option) => `-o ${quoteArgument(option)}`).join(' '),
    }),
    ...(jumpKeys.length > 0 && { kplay_jump_private_key_file: joinConfigWords(jumpKeys) }),
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
  if (token !== undefined) problems.error(`'${token}' in HostName is not supported`, written.range, tokenHint(token));
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
  const values = { d: '~', h: login.address.toLowerCase(), n: login.name, r: login.user };
  return settings.filter(isCalled('identityfile')).flatMap(({ value, range }) => {
    if (isNone(value)) return [];
    const token = unsupportedToken('IdentityFile', value, values);
    if (token === undefined) return [escapeTokens(expandTokens(value, values))];
    problems.warning(`'${token}' in IdentityFile is not supported: the key is ignored`, range, 'write its path');
    return [];
  });
}

/** `ssh -W %h:%p bastion`: the predecessor of ProxyJump. */
const JUMP_COMMAND = /^(?:\S*\/)?ssh\s+(?:-q\s+)?(?:-W\s+\[?%h\]?:%p\s+(\S+)|(\S+)\s+-W\s+\[?%h\]?:%p)$/;

/**
 * What leads to a host: its ProxyJump or its ProxyCommand; undefined if it is reached directly. Of the two the first counts,
 * also if it is `none`, except that ssh goes on from `ProxyJump none` to a ProxyCommand.
 */
function wayTo(settings: readonly SshSetting[]): SshSetting | undefined {
  const command = settings.find(isCalled('proxycommand'));
  const first = settings.find((setting) => isCalled('proxyjump')(setting) || setting === command);
  const way = first && first !== command && isNone(first.value) ? command : first;
  return way && !isNone(way.value) ? way : undefined;
}

function leadsThroughJumps(way: SshSetting): boolean {
  return isCalled('proxyjump')(way) || JUMP_COMMAND.test(way.value);
}

function identityOption(file: string): string {
  return `IdentityFile=${joinConfigWords([file])}`;
}

/** `user@host:port,…` */
function jumpsIn({ value }: SshSetting): string {
  const [, before, after] = JUMP_COMMAND.exec(value) ?? [];
  return before ?? after ?? value;
}

interface Jump {
  /** As in `ProxyJump`. */
  readonly text: string;
  readonly keys: readonly string[];
  /** Settings for which no variable of a host has a place. */
  readonly others: readonly SshSetting[];
}

function jumpsOf(
  written: string,
  config: SshConfig,
  range: SourceRange,
  above: readonly string[],
  problems: Problems,
): readonly Jump[] {
  const token = unsupportedToken('ProxyJump', written);
  if (token !== undefined) problems.error(`'${token}' in ProxyJump is not supported`, range, tokenHint(token));
  // The later ones are reached through the one before, whatever their own settings are.
  return written.split(',').flatMap((one, index): readonly Jump[] => {
    const [, givenUser, name = '', givenPort] =
      /^(?:ssh:\/\/)?(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(one) ?? [];
    if (above.includes(name)) {
      problems.error(
        `ProxyJump forms a cycle: ${[...above, name].join(', ')}`,
        range,
        `write 'ProxyJump none' for Host ${name}, above what applies to all hosts`,
      );
      return [];
    }
    const settings = firstOfEachName(config.settingsOf(name));
    const address = addressIn(settings, name, problems);
    const ownUser = settings.find(isCalled('user'))?.value;
    const port = givenPort ?? portIn(settings, problems);
    const way = index === 0 ? wayTo(settings) : undefined;
    const before = way ? jumpsBefore(way, config, range, [...above, name], problems) : [];
    // In a name, tokens stand for the host behind; in the settings of the jump host, they do not.
    const user = givenUser ?? (ownUser === undefined ? undefined : escapeTokens(ownUser));
    const text = jumpText(user, name.includes('%') ? address : escapeTokens(address), port);
    const keys = identityFiles(settings, { name, address, user: givenUser ?? ownUser }, problems);
    return [...before, { text, keys, others: settings.filter((setting) => !isCalled('proxycommand')(setting)) }];
  });
}

/** The jump hosts through which a jump host is reached. */
function jumpsBefore(
  way: SshSetting,
  config: SshConfig,
  range: SourceRange,
  above: readonly string[],
  problems: Problems,
): readonly Jump[] {
  if (leadsThroughJumps(way)) return jumpsOf(jumpsIn(way), config, range, above, problems);
  otherOption(problems)(way);
  return [];
}

/** What to do about a setting of a jump host, by its name in small letters, if that is not to set it for the host behind it. */
const JUMP_HINTS: ReadonlyMap<string, string> = new Map([
  ['stricthostkeychecking', 'add its key to known_hosts; --host-key-checking holds for all hosts'],
  ['hostkeyalias', 'add its key to known_hosts under its address'],
]);

/** Warns of a setting that kplay would use for a host, unless the host behind the jump host has the same one for both. */
function warnOfJumpSetting(setting: SshSetting, behind: readonly SshSetting[], problems: Problems): void {
  const { keyword, value, range } = setting;
  const name = keyword.toLowerCase();
  if (otherOption(problems)(setting).length === 0) return;
  if (name === 'stricthostkeychecking' && hostKeyMode(value) === 'strict') return;
  const hint = JUMP_HINTS.get(name);
  if (!hint && !value.includes('%') && behind.some((own) => isCalled(name)(own) && own.value === value)) return;
  problems.warning(
    `${keyword} of a jump host is left out`,
    range,
    hint ?? 'set it for the hosts behind it: theirs counts for their jump hosts as well',
  );
}

function jumpText(user: string | undefined, address: string, port: string | number | undefined): string {
  const shown = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  return `${user === undefined ? '' : `${user}@`}${shown}${port === undefined ? '' : `:${port}`}`;
}

/** `Name=value` if kplay uses it; otherwise nothing, with a warning if it would make a difference. */
function otherOption(problems: Problems): (setting: SshSetting) => readonly string[] {
  return ({ keyword, words, range }) => {
    if (SPECIAL_KEYWORDS.includes(keyword.toLowerCase())) return [];
    const option = `${keyword}=${joinConfigWords(words)}`;
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
