import { InputError } from '../../core/diagnostic.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { endOf } from '../../core/plan.ts';
import { SourceFile } from '../../core/source.ts';
import type { RunResult } from '../../engine/run-state.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { jsonText } from '../../report/json-text.ts';
import { table } from '../../report/table.ts';
import { formatMinute, parseDate } from '../../report/time.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { given, type OptionVariables } from '../inputs/inputs.ts';
import { loadShipped, RENEWAL } from '../inputs/playbook-files.ts';
import { confirmation } from '../inputs/prompts.ts';
import { commandFor } from '../journal/command-for.ts';
import { recipeOf } from '../journal/recipe.ts';
import type { Resumption } from '../journal/resumption.ts';
import { BACKUP_DIRECTORY, type JobOptions, type ReportOptions, type WindowOptions } from '../options/options.ts';
import { screenWidth, timeZone } from '../output/output.ts';
import { troubleReporter } from '../output/quiet-reporter.ts';
import { leftFor, wayBack } from '../run/next-commands.ts';
import { nextAfterRun, type ShutHosts } from '../run/next-in-windows.ts';
import type { FinishedRun } from '../run/playbook-run.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { sameOptions } from '../run/same-options.ts';
import { showPlan } from '../run/show-plan.ts';

export interface RollbackCommandOptions extends JobOptions, ReportOptions {
  readonly backup?: string;
  readonly backupTo?: string;
  readonly evenExpired?: boolean;
  readonly list?: boolean;
  readonly check?: boolean;
  readonly confirm?: boolean;
}

const LIST = `- name: Backups
  hosts: all
  become: true
  tasks:
    - name: List the backups
      certs.backups: {}
      register: kept
`;

/** `kplay rollback`: puts a backup back in the cluster's order, restarts what reads it, and proves the cluster; or lists them. */
export async function rollback(
  options: RollbackCommandOptions,
  environment: Environment,
  resumption: Resumption = {},
): Promise<number> {
  if (options.list) return list(options, environment);
  const { backup = 'latest' } = options;
  const apply = confirmation(
    options.confirm,
    environment,
    'review the plan first with -C, then run it without --confirm',
  );
  const finished = await runPlaybook({
    command: 'rollback',
    source: backup === 'latest' ? 'the latest backup' : `backup ${backup}`,
    options,
    fleet: options,
    environment,
    inputs: {
      beside: undefined,
      playbook: (problems) => loadShipped('rollback.yml', problems),
      work: { command: 'rollback' },
      variables: () => variablesOf(options),
    },
    reports: { reports: options.report },
    ...(options.check !== true && { apply }),
    ...resumption,
    recipe: (files) => recipeOf('rollback', 'rollback.yml', options, files),
    onPlan: (shown) => showPlan(shown, options, environment),
    next: (result, wasInterrupted, id, { shut }) => [
      ...(wasInterrupted && options.check !== true
        ? [commandFor('resume', id, options)]
        : nextAfter(result, wasInterrupted, shut, options, environment.clock())),
      ...wayBack(result, options, environment.clock(), resumption.earlier),
    ],
  });
  return finished.exitCode;
}

function variablesOf({ backup, backupTo, evenExpired }: RollbackCommandOptions): OptionVariables {
  return {
    backup: given(backup, '--backup'),
    backup_to: given(backupTo, '--backup-to'),
    even_expired: given(evenExpired, '--even-expired'),
  };
}

/** What is refused is refused again: what helps stands with the refusal, or, where it is another command, here with all its options. */
function nextAfter(
  result: RunResult,
  wasInterrupted: boolean,
  shut: ShutHosts,
  options: RollbackCommandOptions,
  now: Date,
): readonly string[] {
  if (result.refused.length > 0 && !wasInterrupted && isForbiddenByAge(result))
    return [
      `kplay run ${RENEWAL} ${sameOptions(options, { command: 'run', isSame: false })}`,
      `to restore them anyway: kplay rollback ${sameOptions({ ...options, evenExpired: true }, { command: 'rollback', isSame: true })}`,
    ];
  // What has expired never serves, however often it is put back.
  if (result.failed.length > 0 && !wasInterrupted && hasExpired(result, now))
    return [`kplay run ${RENEWAL} ${sameOptions(options, { command: 'run', isSame: false })}`];
  const left = leftFor(options, result, wasInterrupted);
  if (left === undefined) return [];
  const pinned = options.check === true ? { ...left, backup: left.backup ?? shownBackup(result) } : left;
  const words = (more: WindowOptions): string =>
    `kplay rollback ${sameOptions({ ...pinned, ...more }, { command: 'rollback', isSame: true })}`;
  if (wasInterrupted || result.refused.length === 0) return [words({})];
  return shut.areAllOf(result) ? nextAfterRun(result, shut, { words, canWait: false, zone: timeZone(options) }) : [];
}

/** The plan of some host is refused because what would come back has expired. */
function isForbiddenByAge({ plans }: RunResult): boolean {
  return plans.some(({ hosts }) =>
    hosts.some(({ tasks }) => tasks.some((task) => task.action === 'refuse' && task.code === 'backup-expired')),
  );
}

/** What has been put back somewhere has expired. */
function hasExpired({ hosts }: RunResult, now: Date): boolean {
  const put = hosts.flatMap(({ restored, changes }) => (restored === 0 ? changes.map(({ after }) => after) : []));
  return put.some((after) => {
    const end = isJsonObject(after) && after['restored'] !== undefined ? endOf(after) : undefined;
    return end !== undefined && Date.parse(end) < now.getTime();
  });
}

/** The backup that the plan is of, the same on all hosts: by the time of the command there may be a later one. */
function shownBackup({ plans }: RunResult): string | undefined {
  const changes = plans.flatMap(({ hosts }) =>
    hosts.flatMap(({ tasks }) => tasks.flatMap((task) => (task.action === 'change' ? task.changes : []))),
  );
  const ids = new Set(changes.flatMap(({ after }) => (isJsonObject(after) ? (after['restored'] ?? []) : [])));
  const [only] = ids;
  return ids.size === 1 && typeof only === 'string' ? only : undefined;
}

async function list(options: RollbackCommandOptions, environment: Environment): Promise<number> {
  if (options.output === 'tree')
    throw InputError.of(
      'a list of backups is a table: -o tree has no effect on it',
      undefined,
      'leave -o out, or use -o json',
    );
  const finished = await runPlaybook({
    command: 'rollback --list',
    source: 'kplay rollback',
    options: { ...options, output: 'plain' },
    environment,
    inputs: {
      beside: undefined,
      playbook: (problems) => readPlaybook(new SourceFile('kplay rollback', LIST), catalogue, problems),
      work: { command: 'rollback' },
      variables: () => variablesOf(options),
    },
    reporter: troubleReporter(environment, options),
  });
  environment.stdout.write(listing(finished, options, screenWidth(environment.stdout)));
  return finished.exitCode;
}

function listing({ result, inputs }: FinishedRun, options: RollbackCommandOptions, width: number): string {
  const lists = new Map(
    [...result.registered].flatMap(([host, values]) => {
      const kept = values.get('kept');
      return isJsonObject(kept) && Array.isArray(kept['backups']) ? [[host, kept['backups'].filter(isJsonObject)]] : [];
    }),
  );
  const rows = [...lists].flatMap(([host, list]) => list.map((row): JsonObject => ({ ...row, host })));
  if (options.output === 'json') return `${jsonText(rows, 2)}\n`;
  const unseen = inputs.hosts.map(({ name }) => name).filter((name) => !lists.has(name));
  const cells = rows.map((row) => [
    text(row['host']),
    text(row['id']),
    timeText(text(row['created']), timeZone(options)),
    text(row['files']),
    row['damaged'] === 0 ? 'whole' : `${text(row['damaged'])} damaged`,
  ]);
  const made = `MADE (${timeZone(options)})`;
  const shown =
    rows.length > 0
      ? table(['HOST', 'BACKUP', made, 'FILES', 'STATE'], cells, { width, optional: [made, 'FILES'] })
      : '';
  return [shown, none(lists, rows, options), unseen.length > 0 ? `Not looked at: ${unseen.join(', ')}\n` : ''].join('');
}

/** Where nobody has looked nothing is said to be missing. */
function none(
  lists: ReadonlyMap<string, unknown>,
  rows: readonly JsonObject[],
  { backupTo = BACKUP_DIRECTORY }: RollbackCommandOptions,
): string {
  return rows.length > 0 || lists.size === 0 ? '' : `No backups in ${backupTo} on: ${[...lists.keys()].join(', ')}\n`;
}

function timeText(iso: string, zone: string): string {
  const date = parseDate(iso);
  return date ? formatMinute(date, zone) : '';
}

function text(value: Json | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
