import { count } from '../../core/count.ts';
import { InputError } from '../../core/diagnostic.ts';
import { formatDuration, parseDuration } from '../../core/duration.ts';
import type { JsonObject } from '../../core/json.ts';
import { describeSystemError } from '../../core/system-error.ts';
import { DEFAULT_RETENTION, obsoleteRuns } from '../../journal/retention.ts';
import type { RunSummary } from '../../journal/run-summary.ts';
import { documentText, isDocument } from '../../report/document-text.ts';
import { table } from '../../report/table.ts';
import { formatMinute } from '../../report/time.ts';
import { nameList } from '../../report/words.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { checkTableOptions, type OutputOptions, type StateOptions, type TableOptions } from '../options/options.ts';
import { screenWidth, timeZone } from '../output/output.ts';
import { KeptRuns } from './kept-runs.ts';

export interface HistoryOptions extends StateOptions, TableOptions, Pick<OutputOptions, 'output' | 'localTime'> {
  readonly prune?: boolean;
  readonly keep?: number;
  readonly keepFor?: string;
}

const HEAD = ['RUN', 'STARTED', 'BY', 'WHAT', 'CLUSTERS', 'HOSTS', 'RESULT', 'TIME'];

/** `kplay history`: which runs there were, the last first; with `--prune` removes those that need not be kept. */
export async function history(options: HistoryOptions, environment: Environment): Promise<number> {
  checkTableOptions(options);
  const runs = new KeptRuns(options, environment);
  if (options.prune) return prune(runs, options, environment);
  const summaries = runs.ids.map((id) => runs.read(id).summary).reverse();
  environment.stdout.write(
    isDocument(options.output)
      ? await documentText(options.output, summaries.map(summaryJson))
      : summaries.length > 0
        ? listing(summaries, options, screenWidth(environment.stdout))
        : nothing(runs, options),
  );
  return EXIT.good;
}

/** Somebody who has mistyped the directory sees which it was. */
function nothing({ directory }: KeptRuns, { headers }: HistoryOptions): string {
  return headers ? `There are no runs in ${directory}.\n` : '';
}

function listing(summaries: readonly RunSummary[], options: HistoryOptions, width: number): string {
  const zone = timeZone(options);
  const started = zone === 'UTC' ? 'STARTED (UTC)' : 'STARTED';
  const head = HEAD.map((title) => (title === 'STARTED' ? started : title));
  const rows = summaries.map((summary) => row(summary, zone));
  const optional = [started, 'CLUSTERS', 'TIME', 'HOSTS', 'BY'];
  return table(head, rows, { ...options, width, optional, cut: 'WHAT' });
}

function row(run: RunSummary, zone: string): readonly string[] {
  const { id, start, startedAt, clusters, hosts, result, elapsedMs, damage } = run;
  return [
    id,
    startedAt ? formatMinute(startedAt, zone) : '?',
    start ? `${start.user}@${start.machine}` : '?',
    start ? `${start.command} ${start.source}` : '?',
    clusters.length > 0 ? nameList(clusters, 3) : '-',
    String(hosts.length),
    damage.length > 0 ? `${result}, journal damaged` : result,
    elapsedMs === undefined ? '-' : formatDuration(elapsedMs),
  ];
}

/** A run as `-o json` gives it; docs/journal.md describes it. */
export function summaryJson(run: RunSummary): JsonObject {
  const { id, start, startedAt, result, exitCode, elapsedMs, clusters, hosts, damage } = run;
  return {
    version: 1,
    run: id,
    started: startedAt?.toISOString() ?? null,
    by: start ? { user: start.user, machine: start.machine, pid: start.pid } : null,
    command: start?.command ?? null,
    source: start?.source ?? null,
    reason: start?.reason ?? null,
    resumes: start?.resumes ?? null,
    kplayVersion: start?.kplayVersion ?? null,
    clusters,
    hosts: hosts.map(({ host, state, isWell }) => ({ host, state, well: isWell })),
    result,
    exitCode: exitCode ?? null,
    elapsedMs: elapsedMs ?? null,
    damage,
  };
}

function prune(runs: KeptRuns, { keep, keepFor }: HistoryOptions, environment: Environment): number {
  const retention = {
    runs: keep ?? DEFAULT_RETENTION.runs,
    ageMs: keepFor === undefined ? DEFAULT_RETENTION.ageMs : parseDuration(keepFor),
  };
  const ids = runs.ids;
  const summaries = ids.map((id) => runs.read(id).summary);
  const obsolete = obsoleteRuns(summaries, retention, environment.clock());
  for (const id of obsolete) {
    try {
      runs.remove(id);
    } catch (error) {
      throw InputError.of(
        `cannot remove run ${id} from ${runs.directory}: ${describeSystemError(error)}`,
        undefined,
        'make the directory writable for you',
      );
    }
  }
  environment.stdout.write(
    `${count(obsolete.length, 'run')} removed, ${ids.length - obsolete.length} kept in ${runs.directory}.\n`,
  );
  return EXIT.good;
}
