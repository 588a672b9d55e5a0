import { inspect } from 'node:util';
import type { LogEntry } from '@temporalio/worker';
import type { Output, Reporter } from '../../report/reporter.ts';
import { PlainReporter } from '../../report/screen/plain-reporter.ts';
import { escapeControls } from '../../report/text/escape.ts';
import { formatSecond } from '../../report/text/time.ts';
import type { Environment } from '../environment.ts';
import type { OutputOptions } from '../options/options.ts';
import { textOptions, timeZone } from '../output/output.ts';

/** A worker's log: lines about several clusters, each prefixed with its cluster. */
export function workerReporter(
  cluster: string,
  options: Omit<OutputOptions, 'output'>,
  environment: Environment,
): Reporter {
  const { stdout, clock } = environment;
  // An order may name a cluster that nobody knows.
  const name = escapeControls(cluster);
  const output: Output = {
    write: (text) => stdout.write(text.replace(/^(?=.)/gm, () => `${name} | `)),
  };
  return new PlainReporter(output, {
    ...textOptions(stdout, options, environment),
    now: clock,
    timeZone: timeZone(options),
    verbosity: options.verbose,
  });
}

/** Expected warnings: a worker of a site has two halves, and each lacks what the other has. */
const EXPECTED_WARNINGS = /^No (?:workflows|activities) registered, not polling/;

/** Every poll that is retried logs this. */
const REPEATED = 'temporalio_client::retry';
const REPEATED_EVERY_MS = 60_000;

/** Writes the messages of Temporal's SDK to the worker's log. */
export class SdkLog {
  readonly #log: Output;
  readonly #timeZone: string;
  #repeatedAt = Number.NEGATIVE_INFINITY;
  #whyFailed: unknown;

  /** @param zone IANA zone of the times */
  constructor(log: Output, zone: string) {
    this.#log = log;
    this.#timeZone = zone;
  }

  /** Why the worker has failed, once known. */
  get whyFailed(): unknown {
    return this.#whyFailed;
  }

  readonly take = ({ level, message, meta = {}, timestampNanos }: LogEntry): void => {
    // Other errors concern one rollout or cluster and end no worker.
    if (message === 'Worker failed') this.#whyFailed ??= meta['error'];
    if (EXPECTED_WARNINGS.test(message)) return;
    const now = Number(timestampNanos / 1_000_000n);
    const isRepeated = meta['target'] === REPEATED;
    if (isRepeated && now - this.#repeatedAt < REPEATED_EVERY_MS) return;
    if (isRepeated) this.#repeatedAt = now;
    const shown = isRepeated ? `the server gives no work, retrying: ${reasonIn(meta)}` : message;
    const more = isRepeated || Object.keys(meta).length === 0 ? '' : ` ${inspect(meta, { breakLength: Infinity })}`;
    const time = formatSecond(new Date(now).toISOString(), this.#timeZone);
    this.#log.write(`${time} Temporal: ${level.toLowerCase()}: ${onOneLine(shown + more)}\n`);
  };
}

/** Lines of a log can be searched and counted; the stack of an error has many. */
function onOneLine(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  return escapeControls(lines.join(' '));
}

/** The native part formats errors as Rust prints them. */
function reasonIn({ error }: NonNullable<LogEntry['meta']>): string {
  const text = String(error);
  return /message: "([^"]+)"/.exec(text)?.[1] ?? text.slice(0, 200);
}
