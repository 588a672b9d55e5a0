import { InputError } from '../../core/diagnostic.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { nameList } from '../../core/name-list.ts';
import { endOf, isUnusableIn } from '../../core/plan.ts';
import { SourceFile } from '../../core/source.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { decidesRestore } from '../../kubeadm/certificates/restorable.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { documentText, isDocument } from '../../report/text/document-text.ts';
import { table } from '../../report/text/table.ts';
import { formatMinute, parseDate } from '../../report/text/time.ts';
import { groupBy } from '../../report/text/words.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { given, type OptionVariables } from '../inputs/given-variables.ts';
import { loadShipped, RENEWAL } from '../inputs/playbook-files.ts';
import { confirmation } from '../inputs/prompts.ts';
import { resumeCommand } from '../journal/command-for.ts';
import { recipeOf } from '../journal/recipe.ts';
import type { Resumption } from '../journal/resumption.ts';
import { BACKUP_COLUMNS, type JobOptions, type ReportOptions, type WindowOptions } from '../options/options.ts';
import { checkTableOptions, type TableOptions } from '../options/table-options.ts';
import { screenWidth, timeZone } from '../output/output.ts';
import { troubleReporter } from '../output/quiet-reporter.ts';
import { remainingOptions, undoOf } from '../run/next-commands.ts';
import { nextAfterRun } from '../run/next-in-windows.ts';
import type { FinishedRun, RunOutcome } from '../run/playbook-run.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { sameOptions } from '../run/same-options.ts';
import { showPlan } from '../run/show-plan.ts';

export interface RollbackCommandOptions extends JobOptions, ReportOptions, TableOptions {
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

/** `kplay rollback`: restores a backup in the cluster's order, restarts what reads it, and proves the cluster; or lists backups. */
export async function rollback(
  options: RollbackCommandOptions,
  environment: Environment,
  resumption: Resumption = {},
): Promise<number> {
  if (options.list) return list(options, environment);
  if (options.output === 'yaml')
    throw InputError.of(
      '-o yaml is for a list of backups',
      ['--output'],
      'use -o json for the events of a run, or --list',
    );
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
    next: (outcome) =>
      outcome.wasInterrupted && options.check !== true
        ? [resumeCommand(outcome.id, options)]
        : nextAfter(outcome, options, environment.clock()),
    undo: (result, _wasInterrupted, inventory) =>
      undoOf(result, options, environment.clock(), { ...resumption, inventory }),
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

/** A refused command would be refused again: the refusal says what to do, or this does if it is another command. */
function nextAfter(
  { result, wasInterrupted, refusals: { shut } }: RunOutcome,
  options: RollbackCommandOptions,
  now: Date,
): readonly string[] {
  if (result.refused.length > 0 && !wasInterrupted && isRefusedAsUseless(result))
    return [
      `kplay run ${RENEWAL} ${sameOptions(options, { command: 'run', isSame: false })}`,
      `to restore them anyway: kplay rollback ${sameOptions({ ...options, evenExpired: true }, { command: 'rollback', isSame: true })}`,
    ];
  // Such a certificate does not work, however often it is restored.
  if (result.failed.length > 0 && !wasInterrupted && hasRestoredUseless(result, now))
    return [`kplay run ${RENEWAL} ${sameOptions(options, { command: 'run', isSame: false })}`];
  const remaining = remainingOptions(options, result, wasInterrupted);
  if (remaining === undefined) return [];
  const pinned = options.check === true ? { ...remaining, backup: remaining.backup ?? shownBackup(result) } : remaining;
  const words = (more: WindowOptions): string =>
    `kplay rollback ${sameOptions({ ...pinned, ...more }, { command: 'rollback', isSame: true })}`;
  if (wasInterrupted || result.refused.length === 0) return [words({})];
  return shut.areOnlyCause(result)
    ? nextAfterRun(result, shut, { words, canWait: false, zone: timeZone(options) })
    : [];
}

/** A host's plan is refused because certificates of the backup have expired, or cannot be used. */
function isRefusedAsUseless({ plans }: RunResult): boolean {
  return plans.some(({ hosts }) =>
    hosts.some(({ tasks }) => tasks.some((task) => task.action === 'refuse' && USELESS.includes(task.code))),
  );
}

const USELESS: readonly string[] = ['backup-expired', 'backup-unusable'];

/** A restored certificate has expired, or cannot be used. */
function hasRestoredUseless({ hosts }: RunResult, now: Date): boolean {
  const restored = hosts.flatMap(({ restored, changes }) => (restored === 0 ? changes : []));
  return restored.some(({ target, after }) => {
    if (!decidesRestore(target) || !isJsonObject(after) || after['restored'] === undefined) return false;
    const end = endOf(after);
    return isUnusableIn(after) || (end !== undefined && Date.parse(end) < now.getTime());
  });
}

/** The backup of the plan, the same on all hosts; a later one may exist by the time the command is given. */
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
      ['--output'],
      'leave -o out, or use -o json or yaml',
    );
  checkTableOptions({ ...options, output: isDocument(options.output) ? options.output : 'table' });
  const finished = await runPlaybook({
    command: 'rollback --list',
    source: '',
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
  environment.stdout.write(await listing(finished, options, screenWidth(environment.stdout)));
  return finished.exitCode;
}

async function listing(
  { result, inputs }: FinishedRun,
  options: RollbackCommandOptions,
  width: number,
): Promise<string> {
  const lists = new Map(
    [...result.registered].flatMap(([host, values]) => {
      const kept = values.get('kept');
      return isJsonObject(kept) && Array.isArray(kept['backups'])
        ? [[host, { ...kept, backups: kept['backups'] }]]
        : [];
    }),
  );
  const rows = [...lists].flatMap(([host, { backups }]) =>
    backups.filter(isJsonObject).map((row): JsonObject => ({ ...row, host })),
  );
  if (isDocument(options.output)) return documentText(options.output, rows);
  const unseen = inputs.hosts.map(({ name }) => name).filter((name) => !lists.has(name));
  const cells = rows.map((row) => [
    text(row['host']),
    text(row['id']),
    timeText(text(row['created']), timeZone(options)),
    row['unread'] === true ? '-' : text(row['files']),
    stateOf(row),
  ]);
  const { headers, sortBy = '' } = options;
  const made = `MADE (${timeZone(options)})`;
  const head = BACKUP_COLUMNS.map((column) => (column === 'made' ? made : column.toUpperCase()));
  const sorted = head[BACKUP_COLUMNS.indexOf(sortBy)]?.toLowerCase();
  const view = { headers, ...(sorted !== undefined && { sortBy: sorted }), width, optional: [made, 'FILES'] };
  const shown = rows.length > 0 ? table(head, cells, view) : '';
  if (!headers) return shown;
  return [
    shown,
    none(new Map([...lists].filter(([, { backups }]) => backups.length === 0))),
    unseen.length > 0 ? `Not looked at: ${unseen.join(', ')}\n` : '',
  ].join('');
}

function stateOf({ exposed, unread, damaged }: JsonObject): string {
  if (exposed === true) return 'exposed';
  if (unread === true) return 'not read';
  return damaged === 0 ? 'whole' : `${text(damaged)} damaged`;
}

/** If a host was not checked, nothing is reported as missing there. The directory may be another one for each host. */
function none(lists: ReadonlyMap<string, JsonObject>): string {
  const hosts = groupBy([...lists.keys()], (host) => text(lists.get(host)?.['directory']));
  return [...hosts].map(([directory, names]) => `No backups in ${directory} on: ${nameList(names)}\n`).join('');
}

function timeText(iso: string, zone: string): string {
  const date = parseDate(iso);
  return date ? formatMinute(date, zone) : '';
}

function text(value: Json | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
