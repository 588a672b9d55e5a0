import { count } from '../../core/count.ts';
import { InputError } from '../../core/diagnostic.ts';
import { formatDuration, parseDuration } from '../../core/duration.ts';
import { nameList } from '../../core/name-list.ts';
import { DEFAULT_RETENTION, type Retention } from '../../journal/retention.ts';
import type { RunSummary } from '../../journal/run-summary.ts';
import { documentText, isDocument } from '../../report/text/document-text.ts';
import { table } from '../../report/text/table.ts';
import { formatMinute } from '../../report/text/time.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { checkTableOptions, type TableOptions } from '../options/table-options.ts';
import { screenWidth, timeZone } from '../output/output.ts';
import { commandFor } from './command-for.ts';
import { type KeptRun, KeptRuns } from './kept-runs.ts';
import { activityOf, type RunActivity, resultText } from './run-activity.ts';
import { isEndReported, lastRunRequesting } from './server-rollout.ts';
import { signalsJson } from './signal-history.ts';
import { waitJson } from './waits.ts';

export interface HistoryOptions extends StateOptions, TableOptions, Pick<OutputOptions, 'output' | 'localTime'> {
  readonly prune?: boolean;
  readonly keep?: number;
  readonly keepFor?: string;
}

const HEAD = ['RUN', 'STARTED', 'BY', 'WHAT', 'CLUSTERS', 'HOSTS', 'RESULT', 'TIME'];

/** `kplay history`: lists runs, the last one first; `--prune` removes those that need not be kept. */
export async function history(options: HistoryOptions, environment: Environment): Promise<number> {
  checkTableOptions(options);
  const runs = new KeptRuns(options, environment);
  if (options.prune) return prune(runs, options, environment);
  const { stdout } = environment;
  if (isDocument(options.output)) {
    const all = runs.ids.toReversed().map((id) => runJson(runs, runs.read(id)));
    stdout.write(await documentText(options.output, all));
    return EXIT.good;
  }
  const zone = timeZone(options);
  const summaries: RunSummary[] = [];
  const rows = runs.ids.toReversed().map((id) => {
    const kept = runs.readBriefly(id);
    summaries.push(kept.summary);
    return row(runs, kept, zone);
  });
  if (rows.length === 0) stdout.write(nothing(runs, options));
  else stdout.write(listing(rows, zone, options, screenWidth(stdout)) + unfollowedText(summaries, options));
  return EXIT.good;
}

/** Shows a mistyped directory. */
function nothing({ directory }: KeptRuns, { headers }: HistoryOptions): string {
  return headers ? `There are no runs in ${directory}.\n` : '';
}

/** What `not followed` means and how to learn more: this command asks no server. @param summaries the last run first */
function unfollowedText(summaries: readonly RunSummary[], options: HistoryOptions): string {
  const earliestFirst = summaries.toReversed();
  const unfollowed = summaries.filter(({ result, start }) => {
    return result === 'not followed' && start?.recipe && !isEndReported(lastRunRequesting(earliestFirst, start.recipe));
  });
  const [last] = unfollowed;
  if (!last || !options.headers) return '';
  const word = unfollowed.length === 1 ? last.id : 'RUN';
  return [
    '',
    'not followed: a Temporal server has the rollout, which may still be running there, or may have ended since.',
    `To ask the server: ${commandFor('show', word, options)}`,
    `To follow it, or see its result: ${commandFor('resume', word, options)}`,
    '',
  ].join('\n');
}

function listing(rows: readonly (readonly string[])[], zone: string, options: HistoryOptions, width: number): string {
  const started = zone === 'UTC' ? 'STARTED (UTC)' : 'STARTED';
  const head = HEAD.map((title) => (title === 'STARTED' ? started : title));
  const optional = [started, 'CLUSTERS', 'TIME', 'HOSTS', 'BY'];
  return table(head, rows, { ...options, width, optional, cut: 'WHAT' });
}

function row(runs: KeptRuns, kept: KeptRun, zone: string): readonly string[] {
  const { id, start, startedAt, clusters, hosts, elapsedMs } = kept.summary;
  return [
    id,
    startedAt ? formatMinute(startedAt, zone) : '?',
    start ? `${start.user}@${start.machine}` : '?',
    start ? `${start.command} ${start.source}` : '?',
    clusters.length > 0 ? nameList(clusters, 3) : '-',
    String(hosts.length),
    resultCell(runs, kept),
    elapsedMs === undefined ? '-' : formatDuration(elapsedMs),
  ];
}

function resultCell(runs: KeptRuns, kept: KeptRun): string {
  const { damage, isOlder, isUnread } = kept.summary;
  if (isOlder) return 'not known, older journal';
  if (isUnread) return 'not known, journal cannot be read';
  const result = resultText(runs, kept);
  return damage.length > 0 ? `${result}, journal damaged` : result;
}

function runJson(runs: KeptRuns, kept: KeptRun): Readonly<Record<string, unknown>> {
  return summaryJson(kept.summary, activityOf(runs, kept));
}

/** A run in JSON output; docs/journal.md describes it. */
export function summaryJson(
  run: RunSummary,
  { signals, signalState, wait }: RunActivity,
): Readonly<Record<string, unknown>> {
  const { id, start, startedAt, result, exitCode, elapsedMs, clusters, hosts, damage, isOlder } = run;
  return {
    version: 1,
    run: id,
    started: startedAt?.toISOString() ?? null,
    by: start ? { user: start.user, machine: start.machine, pid: start.pid } : null,
    command: start?.command ?? null,
    source: start?.source ?? null,
    reason: start?.reason ?? null,
    resumes: start?.resumes ?? null,
    resumeReason: start?.resumeReason ?? null,
    signals: signalsJson(signals),
    paused: signalState.paused ?? null,
    aborted: signalState.aborted ?? null,
    waits: waitJson(wait),
    kplayVersion: start?.kplayVersion ?? null,
    clusters,
    hosts: hosts.map(({ host, state, isWell }) => ({ host, state, well: isWell })),
    result,
    exitCode: exitCode ?? null,
    elapsedMs: elapsedMs ?? null,
    damage,
    // `result` means nothing then.
    ...(isOlder && { older: true }),
  };
}

/** Each of the limits keeps runs that the other does not. */
function whyMore({ runs, ageMs }: Retention): string {
  const young = ageMs === 0 ? '' : `started in the last ${formatDuration(ageMs)} (--keep-for), `;
  return `Besides the last ${runs}, runs are kept that ${young}may be in progress, or left a host in a state that no later run has mended.\n`;
}

function prune(runs: KeptRuns, { keep, keepFor }: HistoryOptions, environment: Environment): number {
  const retention = {
    runs: keep ?? DEFAULT_RETENTION.runs,
    ageMs: keepFor === undefined ? DEFAULT_RETENTION.ageMs : parseDuration(keepFor),
  };
  const { runs: all, removed, failed } = runs.prune(retention, environment.clock());
  const kept = all - removed;
  environment.stdout.write(`${count(removed, 'run')} removed, ${kept} kept in ${runs.directory}.\n`);
  if (kept - failed.length > retention.runs) environment.stdout.write(whyMore(retention));
  const [first] = failed;
  if (first)
    throw InputError.of(
      `cannot remove ${failed.length === 1 ? 'run' : `${failed.length} runs, such as`} ${first.id} from ${runs.directory}: ${first.why}`,
      ['--state'],
      'make the directory writable for you',
    );
  return EXIT.good;
}
