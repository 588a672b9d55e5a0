import { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import { parseSshArguments, quoteArgument, type SshArguments } from './ssh-arguments.ts';
import type { SshConfig, SshSetting } from './ssh-config.ts';
import { portNumber } from './variables.ts';

/** Connection variables of a host, as an inventory has them. */
export type ConnectionVariables = Readonly<Record<string, string | number>>;

/**
 * What an ssh_config says of a host, as variables by which kplay reaches it alike. Jump hosts that the file knows by other names
 * are named by their addresses. What has no effect in kplay is added to `problems` as a warning with its place.
 */
export function connectionVariables(config: SshConfig, name: string, problems: Problems): ConnectionVariables {
  const settings = firstOfEach(config.settingsOf(name));
  const address = addressIn(settings, name);
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

/** Variables that have a name of their own, or are asked for in another way. */
const OF_THEIR_OWN = ['hostname', 'port', 'user', 'identityfile', 'proxyjump'];

function isCalled(name: string): (setting: SshSetting) => boolean {
  return ({ keyword }) => keyword.toLowerCase() === name;
}

/** Of all but identity files the first value counts. */
function firstOfEach(settings: readonly SshSetting[]): readonly SshSetting[] {
  const seen = new Set<string>();
  return settings.filter(({ keyword }) => {
    const name = keyword.toLowerCase();
    if (name === 'identityfile') return true;
    const isFirst = !seen.has(name);
    seen.add(name);
    return isFirst;
  });
}

function addressIn(settings: readonly SshSetting[], name: string): string {
  const written = settings.find(isCalled('hostname'))?.value;
  return written === undefined ? name : written.replace(/%([%h])/g, (_, token) => (token === 'h' ? name : '%'));
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

/** Their paths with the tokens of ssh_config(5) that kplay knows put in. */
function identityFiles(settings: readonly SshSetting[], login: Login, problems: Problems): readonly string[] {
  const known: Readonly<Record<string, string | undefined>> = {
    '%': '%',
    d: '~',
    h: login.address,
    n: login.name,
    r: login.user,
  };
  return settings.filter(isCalled('identityfile')).flatMap(({ value, range }) => {
    if (value.toLowerCase() === 'none') return [];
    const strange = [...value.matchAll(/%(.?)/g)].find(([, token = '']) => known[token] === undefined);
    if (!strange) return [value.replace(/%(.)/g, (_, token: string) => known[token] ?? '')];
    problems.warning(`'${strange[0]}' in IdentityFile is not supported: the key is ignored`, range, 'write its path');
    return [];
  });
}

/** `ssh -W %h:%p bastion`: what ProxyJump was before there was one. */
const JUMP_COMMAND = /^(?:\S*\/)?ssh\s+(?:-q\s+)?(?:-W\s+\[?%h\]?:%p\s+(\S+)|(\S+)\s+-W\s+\[?%h\]?:%p)$/;

function isJumpCommand(setting: SshSetting): boolean {
  return isCalled('proxycommand')(setting) && JUMP_COMMAND.test(setting.value);
}

/** The way over jump hosts, and the keys that these take. */
function jumpOptions(setting: SshSetting, config: SshConfig, problems: Problems): readonly string[] {
  const [, before, after] = JUMP_COMMAND.exec(setting.value) ?? [];
  const written = before ?? after ?? setting.value;
  if (written.toLowerCase() === 'none') return [];
  const way = jumpsOf(written, config, setting.range, [], problems);
  const keys = [...new Set(way.flatMap((jump) => jump.keys))];
  return [`ProxyJump=${way.map(({ text }) => text).join(',')}`, ...keys.map((file) => `IdentityFile=${file}`)];
}

interface Jump {
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
  return written.split(',').flatMap((one): readonly Jump[] => {
    const [, givenUser, name = '', givenPort] =
      /^(?:ssh:\/\/)?(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(one) ?? [];
    if (above.includes(name)) {
      problems.error(`ProxyJump forms a cycle: ${[...above, name].join(', ')}`, range);
      return [];
    }
    const settings = firstOfEach(config.settingsOf(name));
    const address = addressIn(settings, name);
    const user = givenUser ?? settings.find(isCalled('user'))?.value;
    const port = givenPort ?? portIn(settings, problems);
    const next = settings.find(isCalled('proxyjump'))?.value;
    const before =
      next === undefined || next.toLowerCase() === 'none'
        ? []
        : jumpsOf(next, config, range, [...above, name], problems);
    const shown = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
    const text = `${user === undefined ? '' : `${user}@`}${shown}${port === undefined ? '' : `:${port}`}`;
    return [...before, { text, keys: identityFiles(settings, { name, address, user }, problems) }];
  });
}

/** `Name=value` where kplay goes by it; nothing where it changes nothing, and a warning where it would. */
function otherOption(problems: Problems): (setting: SshSetting) => readonly string[] {
  return ({ keyword, value, range }) => {
    if (OF_THEIR_OWN.includes(keyword.toLowerCase())) return [];
    const option = `${keyword}=${value}`;
    const complaints = new Problems();
    const read = parseSshArguments(`-o ${quoteArgument(option)}`, {
      error: (message, hint) => complaints.error(message, undefined, hint),
      warning: (message, hint) => complaints.warning(message, undefined, hint),
    });
    const [complaint] = complaints.all;
    if (complaint) problems.warning(`${complaint.message}: it is left out`, range, complaint.hint);
    return complaint || isEmpty(read) ? [] : [option];
  };
}

function isEmpty({ identityFiles: files, ...others }: SshArguments): boolean {
  return files.length === 0 && Object.keys(others).length === 0;
}
