import { type Command, Option } from 'commander';
import { collect, collectList, increase, positive } from './option-values.ts';

/** What `kplay check` and a renewal hold to be due unless somebody says otherwise. */
export const DEFAULT_RENEW_BEFORE = '30d';

/** From when on `kplay check` calls the end of a certificate critical. */
export const DEFAULT_CRITICAL = '7d';

/** Where backups are kept on the hosts unless somebody says otherwise. */
export const BACKUP_DIRECTORY = '/var/backups/kplay';

/** Options that say which hosts, and how they are reached: as Ansible's. */
export interface HostOptions {
  readonly inventory: readonly string[];
  readonly limit?: string;
  readonly forks: number;
  readonly user?: string;
  readonly privateKey?: string;
  readonly become?: boolean;
  readonly askPass?: boolean;
  readonly askBecomePass?: boolean;
  readonly becomePasswordFile?: string;
  readonly hostKeyChecking?: 'strict' | 'accept-new' | 'no';
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  readonly timeout?: number;
}

export interface OutputOptions {
  readonly output: string;
  readonly verbose: number;
  readonly color: boolean;
  readonly localTime?: boolean;
}

/** Where the journals of runs are. */
export interface StateOptions {
  readonly state?: string;
}

export interface VariableOptions {
  readonly extraVars: readonly string[];
}

/** Options that say what of a playbook runs, and with which variables. */
export interface PlaybookOptions extends VariableOptions {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
}

/** Of commands that change hosts: what becomes of clusters that may not be changed now. */
export interface WindowOptions {
  /** Without it they are refused. */
  readonly window?: 'wait' | 'skip' | 'override';
  readonly reason?: string;
}

/** How a plan is shown. */
export type ShowOptions = OutputOptions & { readonly diff?: boolean };

/** Of commands whose tasks are kplay's own. */
export type JobOptions = HostOptions & ShowOptions & VariableOptions & StateOptions & WindowOptions;

/** Which reports are written, as `--report` gives them. */
export interface ReportOptions {
  readonly report: readonly string[];
}

export type RunOptions = JobOptions & PlaybookOptions;

export function addHostOptions(
  command: Command,
  { hidesLimit = false }: { readonly hidesLimit?: boolean } = {},
): Command {
  return withOptions(
    command,
    hostOptions().map(({ option }) => (hidesLimit && option.attributeName() === 'limit' ? option.hideHelp() : option)),
  );
}

/** Those of the options that say which hosts, and how they are reached, of which something can be checked without a connection. */
export function addUncontactedHostOptions(command: Command): Command {
  return withOptions(
    command,
    hostOptions().flatMap(({ option, needsContact }) => (needsContact ? [] : [option])),
  );
}

/** What only a connection has a use for. */
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
        'only these hosts: names, groups, globs, a:&b:!c, ~regex, @file, cluster:NAME, label:KEY=VALUE',
      ),
    },
    {
      option: new Option('-f, --forks <number>', 'hosts at the same time').argParser(positive).default(50),
      needsContact: true,
    },
    {
      option: new Option('-u, --user <name>', 'log in as this user, where the inventory gives none'),
      needsContact: true,
    },
    {
      option: new Option(
        '--private-key <file>',
        'log in with this key, where the inventory gives none (also: --key-file)',
      ),
    },
    {
      option: new Option('-k, --ask-pass', 'ask for the password to log in with, where the inventory gives none'),
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
        'strict: known hosts only; accept-new: learn unknown ones',
      ).choices(['strict', 'accept-new', 'no']),
      needsContact: true,
    },
    {
      option: new Option(
        '--ssh-common-args <args>',
        'options of ssh, as ansible_ssh_common_args, where the inventory has none',
      ),
    },
    {
      option: new Option(
        '--ssh-extra-args <args>',
        'options of ssh, as ansible_ssh_extra_args, where the inventory has none',
      ),
    },
    {
      option: new Option('--timeout <seconds>', 'for connecting and logging in; default 30').argParser(positive),
      needsContact: true,
    },
  ];
}

function withOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}

export function addInventorySources(command: Command): Command {
  return command.addOption(inventoryOption());
}

function inventoryOption(): Option {
  return new Option('-i, --inventory <source>', "inventory: file, directory, or 'host,'; repeatable")
    .argParser(collect)
    .default([], 'none');
}

export function addOutputOptions(
  command: Command,
  kinds: readonly string[] = ['auto', 'tree', 'plain', 'json'],
): Command {
  return addColorOption(
    command
      .addOption(new Option('-o, --output <kind>', 'how to show it').choices(kinds).default(kinds[0]))
      .addOption(
        new Option(
          '-v, --verbose',
          'plans in full, and how each task ends on each host; -vv everything that happens, line by line; -vvv also where a bug was met',
        )
          .argParser(increase)
          .default(0, 'off'),
      ),
  ).addOption(new Option('--local-time', 'times in the local zone instead of UTC'));
}

/** Of commands that only say what is wrong. */
export function addColorOption(command: Command): Command {
  return command.addOption(new Option('--no-color', 'no colour (also: NO_COLOR=1)'));
}

/** @param without which options no journal is written, or `--state` is of no use. */
export function addStateOption(command: Command, without: readonly string[] = []): Command {
  return command.addOption(
    new Option('--state <directory>', 'where journals of runs are kept (default: $XDG_STATE_HOME/kplay)').conflicts([
      ...without,
    ]),
  );
}

/** Of commands that change hosts. @param without which options they change none. */
export function addChangeOptions(
  command: Command,
  without: readonly string[] = [],
  { canWait = false }: { readonly canWait?: boolean } = {},
): Command {
  return addStateOption(command, without)
    .addOption(
      new Option(
        '--window <what>',
        `clusters outside their windows: ${canWait ? 'wait for these, ' : ''}skip them, or override the windows; default: they are refused`,
      )
        .choices([...(canWait ? ['wait'] : []), 'skip', 'override'])
        .conflicts([...without]),
    )
    .addOption(new Option('--reason <text>', 'why the windows are overridden; it is recorded'));
}

export function addPlaybookOptions(command: Command): Command {
  command
    .addOption(
      new Option('-t, --tags <tags>', 'only tasks with one of these tags').argParser(collectList).default([], 'all'),
    )
    .addOption(
      new Option('--skip-tags <tags>', 'no task with one of these tags').argParser(collectList).default([], 'none'),
    );
  return addVariableOptions(command);
}

/** What is only told of a playbook, and nothing is contacted. */
export interface ListOptions {
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
}

/** @param others options of the command that would decide nothing then. */
export function addListOptions(command: Command, others: readonly string[]): Command {
  const option = (name: string, what: string) => new Option(name, what).conflicts([...others, 'output']);
  return command
    .addOption(option('--list-hosts', 'print which hosts each play is for, and contact none'))
    .addOption(option('--list-tasks', 'print the tasks, and contact no host'))
    .addOption(option('--list-tags', 'print the tags, and contact no host'));
}

export function addVariableOptions(command: Command): Command {
  return command.addOption(
    new Option('-e, --extra-vars <vars>', 'variables that win over all others: k=v, YAML or JSON, @file; repeatable')
      .argParser(collect)
      .default([], 'none'),
  );
}

/** For node_exporter's textfile collector. */
export function metricsOption(): Option {
  return new Option('--metrics <file>', "write metrics there at the end, for node_exporter's textfile collector");
}

/** Reports besides the screen. */
export function reportOption(): Option {
  return new Option(
    '--report <kind=file>',
    'a report at the end: junit=FILE, json=FILE, markdown=FILE, html=FILE, github; repeatable',
  )
    .argParser(collect)
    .default([], 'none');
}
