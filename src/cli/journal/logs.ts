import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import { globTest, isGlob } from '../../core/glob.ts';
import { SourceFile } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import type { JournalRecord } from '../../journal/journal-line.ts';
import type { Reporter } from '../../report/reporter.ts';
import { JsonReporter } from '../../report/screen/json-reporter.ts';
import { PlainReporter } from '../../report/screen/plain-reporter.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { textOptions, timeZone } from '../output/output.ts';
import { showPlan } from '../run/show-plan.ts';
import { follow } from './follow.ts';
import { type KeptRun, KeptRuns } from './kept-runs.ts';
import { narrowed } from './narrow.ts';

export interface LogsOptions extends StateOptions, OutputOptions {
  readonly limit?: string;
  readonly follow?: boolean;
}

/** `kplay logs`: the events of a run, line by line, with the times at which they happened; with `-f`, until it ends. */
export async function logs(word: string, options: LogsOptions, environment: Environment): Promise<number> {
  const runs = new KeptRuns(options, environment);
  const found = runs.find(word);
  const { id } = found.summary;
  let isWanted: ((host: string) => boolean) | undefined;
  let now = new Date(0);
  const reporter = reporterOf(options, environment, () => now);
  const current = (): KeptRun => (options.follow ? runs.read(id) : found);
  const showAll = (records: readonly JournalRecord[]): void => {
    // The hosts of a run that is about to start are not known before its first record.
    for (const { time, entry } of records) {
      isWanted ??= wantedHosts(current(), options.limit);
      if (entry.type !== 'event') continue;
      now = time;
      const event = narrowed(entry.event, isWanted);
      if (event) show(event, reporter, options, environment);
    }
  };
  const exitCode = options.follow ? await follow(id, runs, showAll, options, environment) : EXIT.good;
  if (!options.follow) showAll(found.reading.records);
  await reporter.close();
  if (exitCode !== EXIT.interrupted)
    for (const damage of current().reading.damage)
      environment.stderr.write(`warning: the journal is damaged: ${damage}\n`);
  return exitCode;
}

function reporterOf(options: LogsOptions, environment: Environment, now: () => Date): Reporter {
  const { stdout } = environment;
  if (options.output === 'json') return new JsonReporter(stdout, now);
  const style = textOptions(stdout, options, environment);
  return new PlainReporter(stdout, { ...style, now, timeZone: timeZone(options), verbosity: options.verbose + 1 });
}

/** Another version may have written events that this one does not know. */
function show(event: Event, reporter: Reporter, options: LogsOptions, environment: Environment): void {
  try {
    reporter.handle(event);
    if (event.type === 'play-planned') showPlan(event.plan, options, environment);
  } catch {
    environment.stderr.write(`warning: an event '${event.type}' cannot be shown by this version of kplay\n`);
  }
}

/** The hosts of a run, as known from its start and its result. */
export function hostsOf({ summary }: KeptRun): readonly string[] {
  return [...new Set([...(summary.start?.hosts ?? []), ...summary.hosts.map(({ host }) => host)])];
}

/** @throws {InputError} when a name or glob matches none of the run's hosts. */
function wantedHosts(run: KeptRun, limit: string | undefined): (host: string) => boolean {
  if (limit === undefined) return () => true;
  const hosts = hostsOf(run);
  const wanted = new Set<string>();
  for (const name of limit.split(',').map((part) => part.trim())) {
    const fits = isGlob(name) ? globTest(name) : (host: string) => host === name;
    const matching = hosts.filter(fits);
    if (matching.length === 0)
      throw InputError.of(
        `run ${run.summary.id} had no host '${name}'`,
        new SourceFile('--limit', limit).range(0, limit.length),
        suggestion(name, hosts, 'its hosts are'),
      );
    for (const host of matching) wanted.add(host);
  }
  return (host) => wanted.has(host);
}
