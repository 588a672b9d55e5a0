import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import { globTest, isGlob } from '../../core/glob.ts';
import { rangeOfArgument } from '../../core/source.ts';
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
import { EventSelection, type Selection } from './narrow.ts';

export interface LogsOptions extends StateOptions, OutputOptions {
  readonly limit?: string;
  readonly follow?: boolean;
}

/** `kplay logs`: the events of a run, line by line, with the times at which they happened; with `-f`, until it ends. */
export async function logs(word: string, options: LogsOptions, environment: Environment): Promise<number> {
  const runs = new KeptRuns(options, environment);
  const found = runs.find(word);
  const { id } = found.summary;
  let selection: EventSelection | undefined;
  let now = new Date(0);
  const reporter = reporterOf(options, environment, () => now);
  const current = (): KeptRun => (options.follow ? runs.read(id) : found);
  const showAll = (records: readonly JournalRecord[]): void => {
    if (records.length > 0 && options.limit !== undefined)
      selection ??= new EventSelection(selected(current(), options.limit));
    for (const { entry } of records) if (entry.type === 'event') selection?.learn(entry.event);
    for (const { time, entry } of records) {
      if (entry.type !== 'event') continue;
      now = time;
      const event = selection ? selection.narrowed(entry.event) : entry.event;
      if (event) show(event, reporter, options, environment);
    }
  };
  const exitCode = options.follow ? await follow(id, runs, showAll, options, environment) : EXIT.good;
  if (!options.follow) showAll(found.reading.records);
  await reporter.close();
  if (selection?.lacksHosts && current().summary.start?.clusterOf === undefined)
    environment.stderr.write(
      'warning: an older kplay has not recorded which hosts the cluster has: name them, -l HOST\n',
    );
  if (exitCode !== EXIT.interrupted)
    for (const warning of warnings(current())) environment.stderr.write(`warning: ${warning}\n`);
  return exitCode;
}

function warnings({ reading: { damage, isOlder, isUnread } }: KeptRun): readonly string[] {
  return isUnread ? damage : damage.map((part) => `the journal is ${isOlder ? 'older' : 'damaged'}: ${part}`);
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

const CLUSTER = 'cluster:';

/** @throws {InputError} when a name or glob matches none of the run's hosts or clusters. */
function selected(run: KeptRun, limit: string): Selection {
  const hosts = new Set<string>();
  const clusters = new Set<string>();
  for (const part of limit.split(',').map((each) => each.trim())) {
    const isCluster = part.startsWith(CLUSTER);
    const [what, name] = isCluster ? ['cluster', part.slice(CLUSTER.length)] : ['host', part];
    const all = isCluster ? run.summary.clusters : hostsOf(run);
    const fits = isGlob(name) ? globTest(name) : (one: string) => one === name;
    const matching = all.filter(fits);
    if (matching.length === 0)
      throw InputError.of(
        `run ${run.summary.id} had no ${what} '${name}'`,
        rangeOfArgument('--limit', limit),
        all.length === 0 ? 'it had no clusters' : suggestion(name, all, `its ${what}s are`),
      );
    for (const one of matching) (isCluster ? clusters : hosts).add(one);
  }
  return { hosts, clusters, clusterOf: new Map(Object.entries(run.summary.start?.clusterOf ?? {})) };
}
