import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import { globTest, isGlob } from '../../core/glob.ts';
import { SourceFile } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { JsonReporter } from '../../report/json-reporter.ts';
import { PlainReporter } from '../../report/plain-reporter.ts';
import type { Reporter } from '../../report/reporter.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { textOptions, timeZone } from '../output/output.ts';
import { showPlan } from '../run/show-plan.ts';
import { type KeptRun, KeptRuns } from './kept-runs.ts';
import { narrowed } from './narrow.ts';

export interface LogsOptions extends StateOptions, OutputOptions {
  readonly limit?: string;
}

/** `kplay logs`: the events of a run, line by line, with the times at which they happened. */
export async function logs(word: string, options: LogsOptions, environment: Environment): Promise<number> {
  const run = new KeptRuns(options, environment).find(word);
  const isWanted = wantedHosts(run, options.limit);
  let now = new Date(0);
  const reporter = reporterOf(options, environment, () => now);
  for (const { time, entry } of run.reading.records) {
    if (entry.type !== 'event') continue;
    now = time;
    const event = narrowed(entry.event, isWanted);
    if (event) show(event, reporter, options, environment);
  }
  await reporter.close();
  for (const damage of run.reading.damage) environment.stderr.write(`warning: the journal is damaged: ${damage}\n`);
  return EXIT.good;
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

/** @throws {InputError} when a name or glob matches none of the run's hosts. */
function wantedHosts({ summary }: KeptRun, limit: string | undefined): (host: string) => boolean {
  if (limit === undefined) return () => true;
  const hosts = [...new Set([...(summary.start?.hosts ?? []), ...summary.hosts.map(({ host }) => host)])];
  const wanted = new Set<string>();
  for (const name of limit.split(',').map((part) => part.trim())) {
    const fits = isGlob(name) ? globTest(name) : (host: string) => host === name;
    const matching = hosts.filter(fits);
    if (matching.length === 0)
      throw InputError.of(
        `run ${summary.id} had no host '${name}'`,
        new SourceFile('--limit', limit).range(0, limit.length),
        suggestion(name, hosts, 'its hosts are'),
      );
    for (const host of matching) wanted.add(host);
  }
  return (host) => wanted.has(host);
}
