import { type Command, Option } from 'commander';
import { InputError } from '../../core/diagnostic.ts';
import type { HostOptions } from './host-options.ts';
import { collect, collectList, increase, positive } from './option-values.ts';

/** What `kplay check` and a renewal hold to be due unless somebody says otherwise. */
export const DEFAULT_RENEW_BEFORE = '30d';

/** From when on `kplay check` calls the end of a certificate critical. */
export const DEFAULT_CRITICAL = '7d';

/** Where backups are kept on the hosts unless somebody says otherwise. */
export const BACKUP_DIRECTORY = '/var/backups/kplay';

/** So many clusters are worked on side by side unless somebody says otherwise. */
export const DEFAULT_CLUSTERS = 4;

export interface OutputOptions {
  readonly output: string;
  readonly verbose: number;
  readonly color: boolean;
  readonly localTime?: boolean;
}

/** How a playbook goes through its clusters. */
export interface RolloutOptions {
  /** A file. */
  readonly rollout?: string;
}

/** Who carries out a rollout, if not this process. */
export interface EngineOptions {
  /** `temporal://HOST:PORT/NAMESPACE` */
  readonly engine?: string;
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
  readonly startAtTask?: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
}

/** Of commands that change hosts: how clusters are gone through. */
export interface ClusterOptions extends WindowOptions {
  /** How many are worked on side by side. */
  readonly clusters: number;
}

/** What becomes of clusters that may not be changed now. */
export interface WindowOptions {
  /** Without it they are refused. */
  readonly window?: 'wait' | 'skip' | 'override';
  readonly reason?: string;
}

/** How a plan is shown. */
export type ShowOptions = OutputOptions & { readonly diff?: boolean };

/** Of commands whose tasks are kplay's own. */
export type JobOptions = HostOptions & ShowOptions & VariableOptions & StateOptions & ClusterOptions;

/** Which reports are written, as `--report` gives them. */
export interface ReportOptions {
  readonly report: readonly string[];
}

export type RunOptions = JobOptions & PlaybookOptions & RolloutOptions;

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
          'plans in full, and results of each task on each host; -vv all events, line by line; -vvv also where a bug was met',
        )
          .argParser(increase)
          .default(0, 'off'),
      ),
  ).addOption(new Option('--local-time', 'times in the local zone instead of UTC'));
}

/** Of commands that show a table. */
export interface TableOptions {
  readonly headers: boolean;
  readonly sortBy?: string;
}

/** @param columns by which the table may be sorted. */
export function addTableOptions(command: Command, columns: readonly string[]): Command {
  return command
    .addOption(new Option('--no-headers', 'print only the rows of the table'))
    .addOption(new Option('--sort-by <column>', 'sort the rows by this column').choices(columns));
}

/** @throws {InputError} where what is shown is no table. */
export function checkTableOptions({ headers, sortBy, output }: TableOptions & Pick<OutputOptions, 'output'>): void {
  const name = headers ? (sortBy === undefined ? undefined : '--sort-by') : '--no-headers';
  if (name !== undefined && output !== 'table' && output !== 'wide')
    throw InputError.of(
      `${name} has no effect with -o ${output}`,
      undefined,
      'leave it out, or show a table: -o table',
    );
}

/** Of commands that only say what is wrong. */
export function addColorOption(command: Command): Command {
  return command.addOption(new Option('--no-color', 'no colour (also: NO_COLOR=1)'));
}

/**
 * Of commands that keep a journal, and of those that go by the record of earlier runs: how long these took says what fits into a window.
 * @param without which options no journal is written, or `--state` is of no use
 */
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
  // With -C it says, as it does for kplay plan, where the record of earlier runs is.
  return addStateOption(
    command,
    without.filter((name) => name !== 'check'),
  )
    .addOption(
      new Option('--clusters <number>', 'clusters at the same time; their hosts share --forks')
        .argParser(positive)
        .default(DEFAULT_CLUSTERS)
        .conflicts([...without]),
    )
    .addOption(
      new Option(
        '--window <what>',
        `clusters outside their windows: ${canWait ? 'wait for these, ' : ''}skip them, or override the windows; default: they are refused`,
      )
        .choices([...(canWait ? ['wait'] : []), 'skip', 'override'])
        .conflicts([...without]),
    )
    .addOption(new Option('--reason <text>', 'why the windows are overridden; it is recorded').conflicts([...without]));
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

/** Of commands that go through the tasks of a playbook. */
export function startOption(): Option {
  return new Option(
    '--start-at-task <name>',
    'start at the first task of this name, or glob, and skip those before it',
  );
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
    .addOption(option('--list-hosts', 'list the hosts of each play, and contact none'))
    .addOption(option('--list-tasks', 'list the tasks, and contact no host'))
    .addOption(option('--list-tags', 'list the tags, and contact no host'));
}

export function addVariableOptions(command: Command): Command {
  return command.addOption(
    new Option(
      '-e, --extra-vars <vars>',
      'variables that take precedence over all others: k=v, YAML or JSON, @file; repeatable',
    )
      .argParser(collect)
      .default([], 'none'),
  );
}

/** Of commands that carry out tasks, one after another. */
export function stepOption(): Option {
  return new Option(
    '--step',
    'ask before each task that has something to do: no, yes, or continue without asking',
  ).conflicts('clusters');
}

/** `--step`: a screen that is drawn over has no place for questions, and clusters side by side would ask at once. */
export function askingStepwise<T extends OutputOptions & ClusterOptions & { readonly step?: boolean }>(options: T): T {
  if (!options.step) return options;
  return { ...options, clusters: 1, ...(options.output === 'auto' && { output: 'plain' }) };
}

/** Of commands that are given a playbook, whose play may say the same itself. */
export function rolloutOption(): Option {
  return new Option('--rollout <file>', 'the waves in which the play goes through its clusters, and how many may fail');
}

/** @param what it is, for help */
export function engineOption(what: string): Option {
  return new Option('--engine <address>', `${what}: temporal://HOST:PORT/NAMESPACE`);
}

/** With `--engine`: seconds. */
export function workerTimeoutOption(): Option {
  return new Option(
    '--worker-timeout <seconds>',
    'with --engine: a worker that is silent for this long loses its cluster to another (default: 30)',
  ).argParser(positive);
}

/** For node_exporter's textfile collector. */
export function metricsOption(): Option {
  return new Option('--metrics <file>', "write metrics there at the end, for node_exporter's textfile collector");
}

/** Reports besides the screen. @param more kinds that only this command has. */
export function reportOption(more = ''): Option {
  return new Option(
    '--report <kind=file>',
    `a report at the end: junit=FILE, json=FILE, markdown=FILE, html=FILE, ${more}gitlab=FILE, gitlab, github; repeatable`,
  )
    .argParser(collect)
    .default([], 'none');
}
