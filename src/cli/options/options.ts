import { type Command, Option } from 'commander';
import type { HostOptions } from './host-options.ts';
import { collect, collectList, collectTags, increase, positive } from './option-values.ts';
import { isPreset, replacePreset } from './preset-options.ts';

/** How long before its end a certificate is due, by default. */
export const DEFAULT_RENEW_BEFORE = '30d';

/** How long before its end `kplay check` calls a certificate critical, by default. */
export const DEFAULT_CRITICAL = '7d';

/** The default directory for backups on the hosts. */
export const BACKUP_DIRECTORY = '/var/backups/kplay';

/** The columns of `kplay rollback --list`, as `--sort-by` names them. */
export const BACKUP_COLUMNS: readonly string[] = ['host', 'backup', 'made', 'files', 'state'];

/** The default number of clusters that are worked on in parallel. */
export const DEFAULT_CLUSTERS = 4;

export interface OutputOptions {
  readonly output: string;
  readonly verbose: number;
  readonly color: boolean;
  readonly localTime?: boolean;
}

/** Options for rollouts. */
export interface RolloutOptions {
  /** A file. */
  readonly rollout?: string;
}

/** The server whose workers carry out a rollout; absent: this process does. */
export interface EngineOptions {
  /** `temporal://HOST:PORT/NAMESPACE` */
  readonly engine?: string;
}

/** The directory of journals. */
export interface StateOptions {
  readonly state?: string;
}

export interface VariableOptions {
  readonly extraVars: readonly string[];
}

/** Options that select what of a playbook runs, with which variables. */
export interface PlaybookOptions extends VariableOptions {
  readonly startAtTask?: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Whether `skipTags` were typed. Those of a file or a variable are for many playbooks, some of which may lack them. */
  readonly areSkipTagsTyped?: boolean;
}

/** For commands that change hosts: how clusters are processed. */
export interface ClusterOptions extends WindowOptions {
  /** How many are worked on in parallel. */
  readonly clusters: number;
}

/** What to do with clusters outside their windows. */
export interface WindowOptions {
  /** Without it they are refused. */
  readonly window?: 'wait' | 'skip' | 'override';
  readonly reason?: string;
}

/** How a plan is shown. */
export type ShowOptions = OutputOptions & { readonly diff?: boolean };

/** For commands whose tasks are kplay's own. */
export type JobOptions = HostOptions & ShowOptions & VariableOptions & StateOptions & ClusterOptions;

/** The reports to write, as `--report` names them. */
export interface ReportOptions {
  readonly report: readonly string[];
}

export type RunOptions = JobOptions & PlaybookOptions & RolloutOptions;

/** For commands that show a run. @param kinds the values of `-o`, the first of which is the default */
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

/** For commands that only report errors. */
export function addColorOption(command: Command): Command {
  return command.addOption(new Option('--no-color', 'no colour (also: NO_COLOR=1)'));
}

/**
 * For commands that keep a journal, or use the record of earlier runs to predict what fits into a window.
 * @param without options with which no journal is written, or `--state` has no effect
 */
export function addStateOption(command: Command, without: readonly string[] = []): Command {
  return command.addOption(
    new Option('--state <directory>', 'where journals of runs are kept (default: $XDG_STATE_HOME/kplay)').conflicts([
      ...without,
    ]),
  );
}

/** How many clusters are worked on in parallel. */
export function clustersOption(): Option {
  return new Option('--clusters <number>', 'clusters at the same time; their hosts share --forks')
    .argParser(positive)
    .default(DEFAULT_CLUSTERS);
}

/** For commands that change hosts. @param without options with which they change none. */
export function addChangeOptions(
  command: Command,
  without: readonly string[] = [],
  { canWait = false }: { readonly canWait?: boolean } = {},
): Command {
  // With -C they mean the same as for kplay plan.
  return addStateOption(
    command,
    without.filter((name) => name !== 'check'),
  )
    .addOption(clustersOption().conflicts(without.filter((name) => name !== 'check')))
    .addOption(
      new Option(
        '--window <what>',
        `clusters outside their windows: ${canWait ? 'wait for these, ' : ''}skip them, or override the windows; default: they are refused`,
      )
        .choices([...(canWait ? ['wait'] : []), 'skip', 'override'])
        .conflicts([...without]),
    )
    .addOption(new Option('--reason <text>', 'why the windows are overridden; it is recorded').conflicts([...without]))
    .hook('preAction', (own) => {
      // KPLAY_REASON may be for kplay approve, or for the runs that do override them.
      if (own.getOptionValue('window') !== 'override') replacePreset(own, 'reason', undefined);
    });
}

/** For commands with a playbook. */
export function addPlaybookOptions(command: Command): Command {
  command
    .addOption(
      new Option('-t, --tags <tags>', 'only tasks with one of these tags').argParser(collectTags).default([], 'all'),
    )
    .addOption(
      new Option('--skip-tags <tags>', 'no task with one of these tags').argParser(collectList).default([], 'none'),
    )
    .hook('preAction', (own) => {
      own.setOptionValue('areSkipTagsTyped', !isPreset(own, 'skipTags'));
    });
  return addVariableOptions(command);
}

/** For commands that carry out the tasks of a playbook. */
export function startOption(): Option {
  return new Option(
    '--start-at-task <name>',
    'start at the first task of this name, or glob, and skip those before it',
  );
}

/** Options that only list parts of a playbook, without contacting hosts. */
export interface ListOptions {
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
}

/** @param others options of the command that would have no effect then. */
export function addListOptions(command: Command, others: readonly string[]): Command {
  const option = (name: string, what: string) => new Option(name, what).conflicts([...others, 'output']);
  return command
    .addOption(option('--list-hosts', 'list the hosts of each play, and contact none'))
    .addOption(option('--list-tasks', 'list the tasks, and contact no host'))
    .addOption(option('--list-tags', 'list the tags, and contact no host'));
}

/** For commands that take variables. */
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

/** For commands that carry out tasks one after another. @param without options with which they carry out none */
export function addStepOption(command: Command, without: readonly string[] = []): Command {
  const step = new Option(
    '--step',
    'ask before each task that has something to do: no, yes, or continue without asking',
  );
  return command.addOption(step.conflicts(['clusters', ...without])).hook('preAction', (own) => {
    // A default for runs that ask nothing.
    if (own.getOptionValue('step') && own.getOptionValue('output') === 'tree') replacePreset(own, 'output', 'plain');
  });
}

/** `--step`: a screen that is redrawn has no room for questions, and parallel clusters would all ask at once. */
export function askingStepwise<T extends OutputOptions & ClusterOptions & { readonly step?: boolean }>(options: T): T {
  if (!options.step) return options;
  return { ...options, clusters: 1, ...(options.output === 'auto' && { output: 'plain' }) };
}

/** For commands with a playbook, whose play may set the same. */
export function rolloutOption(): Option {
  return new Option('--rollout <file>', 'the waves in which the play goes through its clusters, and how many may fail');
}

/** @param what it is, for the help text */
export function engineOption(what: string): Option {
  return new Option('--engine <address>', `${what}: temporal://HOST:PORT/NAMESPACE`);
}

/** In seconds, with `--engine`. */
export function workerTimeoutOption(): Option {
  return new Option(
    '--worker-timeout <seconds>',
    'with --engine: a worker that is silent for this long loses its cluster to another (default: 30)',
  ).argParser(positive);
}

/** Reports in addition to the screen. */
export class ReportOption extends Option {
  /** As they are typed, before the file: `junit=`, `github`. */
  readonly kinds: readonly string[];

  /** @param more kinds that only this command has. */
  constructor(more: readonly string[] = []) {
    const kinds = [
      ...['junit', 'json', 'markdown', 'html', ...more, 'gitlab'].map((kind) => `${kind}=`),
      'gitlab',
      'github',
    ];
    const words = kinds.map((kind) => kind.replace(/=$/, '=FILE')).join(', ');
    super('--report <kind=file>', `a report at the end: ${words}; repeatable`);
    this.kinds = kinds;
    this.argParser(collect).default([], 'none');
  }
}
