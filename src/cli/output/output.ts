import type { Diagnostic } from '../../core/diagnostic.ts';
import type { EventSink } from '../../core/events/event.ts';
import type { SecretMask } from '../../core/secret.ts';
import type { FleetPlanShown, Reporter } from '../../report/reporter.ts';
import { chooseReporter, type ReporterKind } from '../../report/screen/choose-reporter.ts';
import { withHiddenContents } from '../../report/secrets/file-contents.ts';
import { formatDiagnostics } from '../../report/text/diagnostics.ts';
import type { TextOptions } from '../../report/text/style.ts';
import { type Environment, isCi } from '../environment.ts';
import type { OutputOptions } from '../options/options.ts';

/** The format of text for a stream: width, colours, and whether it supports Unicode. */
export function textOptions(
  stream: NodeJS.WriteStream,
  options: Pick<OutputOptions, 'color'>,
  environment: Environment,
): TextOptions {
  const { variables } = environment;
  const { NO_COLOR, FORCE_COLOR, TERM } = variables;
  const isAllowed = options.color && !NO_COLOR && TERM !== 'dumb';
  // As in Node.js and other programs, 0 means no, also on a terminal.
  const isWanted = FORCE_COLOR ? FORCE_COLOR !== '0' && FORCE_COLOR !== 'false' : Boolean(stream.isTTY);
  return {
    colors: isAllowed && isWanted,
    unicode: isUnicode(variables),
    width: screenWidth(stream),
  };
}

/** Columns of a terminal; `Infinity` for a file or pipe. A terminal that does not know its width may report 0. */
export function screenWidth({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return isTTY ? columns || 80 : Number.POSITIVE_INFINITY;
}

/** Columns for prose, which are limited on wide terminals. */
export function readingWidth(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return Math.min(100, screenWidth(stream));
}

/** A locale with another encoding, or none on a plain console, means ASCII only. */
function isUnicode(variables: Environment['variables']): boolean {
  const locale = variables['LC_ALL'] || variables['LC_CTYPE'] || variables['LANG'] || '';
  return locale === '' || /utf-?8/i.test(locale);
}

/** The IANA zone of the times that are shown. */
export function timeZone({ localTime }: Pick<OutputOptions, 'localTime'>): string {
  return localTime ? Intl.DateTimeFormat().resolvedOptions().timeZone : 'UTC';
}

/** The reporter that `-o` asks for, on standard output. */
export function openReporter(options: OutputOptions, environment: Environment, fleetPlan?: FleetPlanShown): Reporter {
  const { stdout, clock } = environment;
  return chooseReporter(options.output as ReporterKind, stdout, {
    ...textOptions(stdout, options, environment),
    now: clock,
    timeZone: timeZone(options),
    // A terminal that cannot move its cursor cannot redraw.
    ci: isCi(environment) || environment.variables['TERM'] === 'dumb',
    verbosity: options.verbose,
    ...(fleetPlan && { fleetPlan }),
  });
}

/**
 * Masks the events of a run, passes them to `keep`, which must not throw, and shows them. A failing reporter must not leave hosts half-way:
 * the run continues without it, and stderr says so once. `show` may throw.
 */
export function maskedSink(show: EventSink, keep: EventSink, mask: SecretMask, environment: Environment): EventSink {
  let hasFailed = false;
  return (event) => {
    try {
      const masked = withHiddenContents(mask.applyTo(event));
      keep(masked);
      if (!hasFailed) show(masked);
    } catch (error) {
      if (hasFailed) return;
      hasFailed = true;
      const why = mask.apply(error instanceof Error ? error.message : String(error));
      environment.stderr.write(`The report stops here, the run continues: a bug in showing '${event.type}': ${why}\n`);
    }
  };
}

/** Shows problems in the user's files on stderr. */
export function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: Pick<OutputOptions, 'color'>,
  environment: Environment,
): void {
  if (diagnostics.length === 0) return;
  environment.stderr.write(
    `${formatDiagnostics(diagnostics, textOptions(environment.stderr, options, environment))}\n`,
  );
}
