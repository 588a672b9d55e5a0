import { type Command, Option } from 'commander';
import { collect, positive, timerSeconds } from './option-values.ts';

/** The default number of hosts that are worked on at the same time. */
export const DEFAULT_FORKS = 50;

/** Ansible's options for which hosts to use and how to reach them. */
export interface HostOptions {
  readonly inventory: readonly string[];
  /** The name of the inventory in commands under "Next:", where the real one cannot be typed, as in the demo. */
  readonly inventoryShown?: string;
  readonly limit?: string;
  readonly forks: number;
  readonly user?: string;
  readonly connection?: 'ssh' | 'local';
  readonly privateKey?: string;
  readonly become?: boolean;
  readonly askPass?: boolean;
  readonly askBecomePass?: boolean;
  readonly becomePasswordFile?: string;
  readonly hostKeyChecking?: 'strict' | 'accept-new' | 'no';
  readonly sshArgs?: string;
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  readonly timeout?: number;
}

/** For commands that connect to hosts. @param hidesLimit `--limit` is left out of the help */
export function addHostOptions(
  command: Command,
  { hidesLimit = false }: { readonly hidesLimit?: boolean } = {},
): Command {
  return withOptions(
    command,
    hostOptions().map(({ option }) => (hidesLimit && option.attributeName() === 'limit' ? option.hideHelp() : option)),
  );
}

/** Options of a command that runs unattended on orders: it asks nobody, and names no hosts. */
export function addWorkerHostOptions(command: Command): Command {
  const others = ['limit', 'askPass', 'askBecomePass'];
  return withOptions(
    command,
    hostOptions().flatMap(({ option }) => (others.includes(option.attributeName()) ? [] : [option])),
  );
}

/** Those that can partly be checked without a connection. */
export function addUncontactedHostOptions(command: Command): Command {
  return withOptions(
    command,
    hostOptions().flatMap(({ option, needsContact }) => (needsContact ? [] : [option])),
  );
}

/** Options that decide how a host is reached and cannot be in an inventory. @param without the option with which no host is contacted. */
export function addCheckHostOptions(command: Command, without: string): Command {
  const names = ['askPass', 'askBecomePass', 'hostKeyChecking'];
  const own = hostOptions().filter(({ option }) => names.includes(option.attributeName()));
  return withOptions(
    command,
    own.map(({ option }) => option.conflicts(without)),
  );
}

/** Options that only matter for a connection. */
export const CONTACT_OPTIONS: readonly string[] = hostOptions().flatMap(({ option, needsContact }) =>
  needsContact ? [option.attributeName()] : [],
);

interface HostOption {
  readonly option: Option;
  readonly needsContact?: true;
}

function hostOptions(): readonly HostOption[] {
  return [
    { option: inventoryOption() },
    {
      option: new Option(
        '-l, --limit <pattern>',
        'only these hosts: names, groups, globs, a:&b:!c, ~regex, @file, cluster:NAME, label:KEY=VALUE, wave:NAME',
      ),
    },
    {
      option: new Option('-f, --forks <number>', 'hosts at the same time').argParser(positive).default(DEFAULT_FORKS),
      needsContact: true,
    },
    {
      option: new Option('-u, --user <name>', 'log in as this user, unless the inventory sets one'),
      needsContact: true,
    },
    {
      option: new Option('-c, --connection <kind>', 'how to connect, unless the inventory sets it').choices([
        'ssh',
        'local',
      ]),
      needsContact: true,
    },
    {
      option: new Option(
        '--private-key <file>',
        'log in with this key, unless the inventory sets one (also: --key-file)',
      ),
    },
    {
      option: new Option('-k, --ask-pass', 'ask for the login password, unless the inventory sets one'),
      needsContact: true,
    },
    { option: new Option('-b, --become', 'become root with sudo') },
    { option: new Option('--become-user <name>', 'who to become').choices(['root']).hideHelp(), needsContact: true },
    {
      option: new Option('--become-method <name>', 'how to become root').choices(['sudo']).hideHelp(),
      needsContact: true,
    },
    {
      option: new Option('-K, --ask-become-pass', "ask for sudo's password").conflicts('becomePasswordFile'),
      needsContact: true,
    },
    { option: new Option('--become-password-file <file>', "read sudo's password from a file") },
    {
      option: new Option(
        '--host-key-checking <mode>',
        'strict: only known hosts; accept-new: add unknown ones; no: unchecked, with a warning each time',
      ).choices(['strict', 'accept-new', 'no']),
      needsContact: true,
    },
    {
      option: new Option('--ssh-args <args>', 'ssh options, like ansible_ssh_args, unless the inventory sets it'),
    },
    {
      option: new Option(
        '--ssh-common-args <args>',
        'ssh options, like ansible_ssh_common_args, unless the inventory sets it',
      ),
    },
    {
      option: new Option(
        '--ssh-extra-args <args>',
        'ssh options, like ansible_ssh_extra_args, unless the inventory sets it',
      ),
    },
    {
      option: new Option('--timeout <seconds>', 'time limit for connecting and logging in; default 30').argParser(
        timerSeconds,
      ),
      needsContact: true,
    },
  ];
}

function withOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}

/** For commands that only read the inventory. */
export function addInventorySources(command: Command): Command {
  return command.addOption(inventoryOption());
}

function inventoryOption(): Option {
  return new Option('-i, --inventory <source>', "inventory: file, directory, or 'host,'; repeatable")
    .argParser(collect)
    .default([], 'none');
}
