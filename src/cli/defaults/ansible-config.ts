import { constants, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { mayAccess } from '../../core/access.ts';
import type { Problems } from '../../core/diagnostic.ts';
import { type Located, rangeOfArgument } from '../../core/source.ts';
import { readTextFile } from '../../core/text-file.ts';
import { isWritableByAll } from '../../core/writable-by-all.ts';
import type { Environment } from '../environment.ts';
import { OTHER_BEHAVIOUR } from './ansible-otherwise.ts';
import {
  ANSIBLE_SETTINGS,
  type AnsibleSetting,
  CONFIG_VARIABLE,
  connectionOf,
  HOST_KEY_CHECKING,
  isFlag,
  isTrue,
  outputOf,
  unquoted,
  withChecks,
} from './ansible-settings.ts';
import { type Ini, readIni } from './ini.ts';
import { type DefaultsSource, type OptionDefault, optionNamed, valueWords } from './option-default.ts';

/** A setting as written in a file or variable. */
interface Written extends Located<string> {
  /** `remote_user`, `ANSIBLE_REMOTE_USER` */
  readonly name: string;
  /** The directory to which relative paths in it refer. */
  readonly directory: string;
}

/** Where a setting is written. */
type Places = Pick<AnsibleSetting, 'ini' | 'variables'>;
type Lookup = (setting: Places) => Written | undefined;

/** Reads `ANSIBLE_*`. Settings that have no meaning here are reported once, in `problems`. */
export function ansibleVariables(environment: Environment, problems: Problems): DefaultsSource {
  const { variables, directory } = environment;
  const lookup: Lookup = (setting) => {
    for (const name of setting.variables) {
      const value = variables[name];
      if (value) return { name, value, range: rangeOfArgument(name, value), directory };
    }
    return undefined;
  };
  const known = new Set([CONFIG_VARIABLE, ...told(lookup, problems).flatMap((one) => one.variables)]);
  const others = Object.keys(variables).filter((name) => name.startsWith('ANSIBLE_') && !known.has(name));
  if (others.length > 0) problems.warning(`kplay does not use these variables: ${others.sort().join(', ')}`);
  return source(lookup, environment, problems);
}

/** Reads ansible.cfg from where Ansible does. Settings that have no meaning here are reported once, in `problems`. */
export function ansibleFile(environment: Environment, problems: Problems): DefaultsSource | undefined {
  const path = findConfig(environment, problems);
  const file = path === undefined ? undefined : readTextFile(path, 'configuration', problems);
  if (!file) return undefined;
  const ini = readIni(file, problems);
  const directory = dirname(file.path);
  const lookup: Lookup = (setting) => {
    for (const [section, name] of setting.ini) {
      const found = ini.get(section)?.get(name);
      if (found && found.value !== '') return { name, value: unquoted(found.value), range: found.range, directory };
    }
    return undefined;
  };
  nameOthers(file.path, ini, told(lookup, problems), problems);
  return source(lookup, environment, problems);
}

/** In Ansible's order; like Ansible, skips a file that cannot be read. */
function findConfig(environment: Environment, problems: Problems): string | undefined {
  const { variables, home, directory, systemDirectory } = environment;
  const here = join(directory, 'ansible.cfg');
  const named = variables[CONFIG_VARIABLE] && pathBelow(variables[CONFIG_VARIABLE], directory, environment);
  const isOpen = isWritableByAll(directory);
  const chosen = named && (isDirectory(named) ? join(named, 'ansible.cfg') : named);
  const others = [
    ...(isOpen ? [] : [here]),
    join(home, '.ansible.cfg'),
    join(systemDirectory, 'ansible', 'ansible.cfg'),
  ];
  const found =
    chosen && isReadable(chosen) ? chosen : others.find((path) => isReadable(path) && isOwn(path, problems));
  if (isOpen && isReadable(here) && (found === undefined || resolve(found) !== resolve(here)))
    problems.warning(
      `${here} is ignored: everybody can write to its directory`,
      undefined,
      `chmod o-w ${directory}, or name the file: ${CONFIG_VARIABLE}=${here}`,
    );
  return found;
}

/** Other users might have written to it; a file that is named explicitly is the user's choice. */
function isOwn(path: string, problems: Problems): boolean {
  if (!isWritableByAll(path)) return true;
  problems.warning(
    `${path} is ignored: everybody can write to it`,
    undefined,
    `chmod o-w ${path}, or name the file: ${CONFIG_VARIABLE}=${path}`,
  );
  return false;
}

/** The settings that are used or told by themselves; the latter are told here. */
function told(lookup: Lookup, problems: Problems): readonly Places[] {
  const different = OTHER_BEHAVIOUR.filter((setting) => {
    const written = lookup(setting);
    if (!written || setting.usual.test(written.value.trim())) return false;
    problems.warning(`kplay does not use ${written.name}: ${setting.fact}`, written.range, setting.hint);
    return true;
  });
  return [...ANSIBLE_SETTINGS, HOST_KEY_CHECKING, ...different];
}

function nameOthers(path: string, ini: Ini, told: readonly Places[], problems: Problems): void {
  const known = new Set(told.flatMap((setting) => setting.ini.map((place) => place.join('.'))));
  const others = [...ini].flatMap(([section, values]) => {
    const keys = [...values.keys()].filter((key) => !known.has(`${section}.${key}`));
    return keys.length === 0 ? [] : [`[${section}] ${keys.join(', ')}`];
  });
  if (others.length > 0) problems.warning(`kplay does not use these settings of ${path}: ${others.join('; ')}`);
}

function source(lookup: Lookup, environment: Environment, problems: Problems): DefaultsSource {
  return {
    defaultsOf: (command, isOpen) => {
      warnOfHostKeyChecking(lookup, command, isOpen, problems);
      return ANSIBLE_SETTINGS.flatMap((setting) => {
        const option = optionNamed(command, setting.option);
        const written = option && isOpen(option) ? lookup(setting) : undefined;
        return option && written ? (givenBy(setting, option, written, environment, problems) ?? []) : [];
      });
    },
  };
}

/** docs/design-decisions.md says why it is ignored. */
function warnOfHostKeyChecking(
  lookup: Lookup,
  command: Command,
  isOpen: (option: Option) => boolean,
  problems: Problems,
): void {
  const option = optionNamed(command, '--host-key-checking');
  const written = option && isOpen(option) ? lookup(HOST_KEY_CHECKING) : undefined;
  if (!written || isTrue(written.value)) return;
  problems.warning(
    `${written.name} is off for Ansible, but kplay still checks host keys`,
    written.range,
    '--host-key-checking accept-new accepts unknown keys; set it in kplay.yml for all commands',
  );
}

function givenBy(
  { kind }: AnsibleSetting,
  option: Option,
  written: Written,
  environment: Environment,
  problems: Problems,
): OptionDefault | undefined {
  const { name, value, range, directory } = written;
  // Quotes with nothing between them name nobody and nothing; as a path they would be the directory of the file.
  if ((kind === 'text' || kind === 'path') && value.trim() === '') return undefined;
  const take = (values: readonly string[]) => valueWords(option, values, name, range, problems);
  const flag = (times: number): OptionDefault => ({
    option,
    words: Array<string>(times).fill(option.long ?? ''),
    range,
  });
  switch (kind) {
    case 'text':
    case 'number':
      return take([value.trim()]);
    case 'flag':
      if (!isFlag(value.trim())) problems.error(`${name} cannot be '${value}'`, range, 'write true or false');
      return flag(isTrue(value.trim()) ? 1 : 0);
    case 'verbosity':
      if (!/^-?\d*$/.test(value.trim()))
        problems.error(`${name} cannot be '${value}'`, range, 'write a number from 0 on');
      return flag(Math.min(3, Math.max(0, Number.parseInt(value, 10) || 0)));
    case 'path':
      return take([pathBelow(value, directory, environment)]);
    case 'paths':
      return take(listOf(value).map((path) => pathBelow(path, directory, environment)));
    case 'list':
      return take(listOf(value));
    case 'transport':
      return take([connectionOf(value)]);
    case 'callback':
      return callback(option, written, problems);
    case 'ssh':
      return sshArguments(option, written, problems);
  }
}

/** Only commands that show a run have these output formats. */
function callback(option: Option, { name, value, range }: Written, problems: Problems): OptionDefault | undefined {
  if (!option.argChoices?.includes('auto')) return undefined;
  const output = outputOf(value);
  if (output === null) problems.warning(`kplay has no ${name} '${value}'`, range, 'choose how a run is shown with -o');
  return output ? { option, words: [`${option.long}=${output}`], range } : undefined;
}

function sshArguments(option: Option, { name, value, range }: Written, problems: Problems): OptionDefault | undefined {
  const checked = withChecks(value);
  if (checked !== undefined)
    problems.warning(
      `${name} turns host key checking off for Ansible, but kplay still checks host keys`,
      range,
      '--host-key-checking accept-new accepts unknown keys',
    );
  const args = checked ?? value;
  return args === '' ? undefined : valueWords(option, [args], name, range, problems);
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => unquoted(part.trim()))
    .filter((part) => part !== '');
}

/** A path as Ansible resolves it: with `~`, environment variables and `{{CWD}}`, relative to the directory of its file. */
function pathBelow(path: string, directory: string, { home, variables, directory: here }: Environment): string {
  const written = path
    .replaceAll('{{CWD}}', resolve(here))
    .replace(/^~(?=\/|$)/, home)
    .replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced, bare) => variables[braced ?? bare] ?? whole);
  return isAbsolute(written) ? written : join(directory, written);
}

function isReadable(path: string): boolean {
  return mayAccess(path, constants.R_OK);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
