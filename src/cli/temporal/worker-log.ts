import { inspect } from 'node:util';
import type { LogEntry } from '@temporalio/worker';
import { escapeControls } from '../../report/escape.ts';
import { PlainReporter } from '../../report/plain-reporter.ts';
import type { Output, Reporter } from '../../report/reporter.ts';
import type { Environment } from '../environment.ts';
import type { OutputOptions } from '../options/options.ts';
import { textOptions, timeZone } from '../output/output.ts';

/** The log of a worker: lines of several clusters, each with the name of its own in front. */
export function workerReporter(
  cluster: string,
  options: Omit<OutputOptions, 'output'>,
  environment: Environment,
): Reporter {
  const { stdout, clock } = environment;
  const output: Output = {
    write: (text) => stdout.write(text.replace(/^(?=.)/gm, `${cluster} | `)),
  };
  return new PlainReporter(output, {
    ...textOptions(stdout, options, environment),
    now: clock,
    timeZone: timeZone(options),
    verbosity: options.verbose,
  });
}

/** A worker of a site has two halves, of which each lacks what the other has. */
const OF_HALVES = /^No (?:workflows|activities) registered, not polling/;

/** Each of the many requests that wait for work is told of when it is repeated. */
const REPEATED = 'temporalio_client::retry';
const REPEATED_EVERY_MS = 60_000;

/** What Temporal's SDK says on its own, in the log of a worker. */
export class SdkLog {
  readonly #log: Output;
  #repeatedAt = Number.NEGATIVE_INFINITY;
  #whyFailed: unknown;

  constructor(log: Output) {
    this.#log = log;
  }

  /** Why the worker has failed, once it has. */
  get whyFailed(): unknown {
    return this.#whyFailed;
  }

  readonly take = ({ level, message, meta = {}, timestampNanos }: LogEntry): void => {
    // Other errors, of one rollout or one cluster, end no worker.
    if (message === 'Worker failed') this.#whyFailed ??= meta['error'];
    if (OF_HALVES.test(message)) return;
    const now = Number(timestampNanos / 1_000_000n);
    const isRepeated = meta['target'] === REPEATED;
    if (isRepeated && now - this.#repeatedAt < REPEATED_EVERY_MS) return;
    if (isRepeated) this.#repeatedAt = now;
    const said = isRepeated ? `the server gives no work, retrying: ${reasonIn(meta)}` : message;
    const more = isRepeated || Object.keys(meta).length === 0 ? '' : ` ${inspect(meta, { breakLength: Infinity })}`;
    this.#log.write(`${new Date(now).toISOString()} Temporal: ${level.toLowerCase()}: ${onOneLine(said + more)}\n`);
  };
}

/** What is looked for in a log, or counted, is a line; the stack of an error has many. */
function onOneLine(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  return escapeControls(lines.join(' '));
}

/** The native part tells an error as Rust prints it. */
function reasonIn({ error }: NonNullable<LogEntry['meta']>): string {
  const text = String(error);
  return /message: "([^"]+)"/.exec(text)?.[1] ?? text.slice(0, 200);
}
