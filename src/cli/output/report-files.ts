import { appendFileSync, existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { InputError, type OptionName, type Problems } from '../../core/diagnostic.ts';
import { nearest } from '../../core/suggest.ts';
import { describeSystemError } from '../../core/system-error.ts';
import { fittingPage, JOB_SUMMARY } from '../../report/formats/page-size.ts';
import type { InRepository, ReportKinds, ReportText } from '../../report/formats/report-kinds.ts';
import type { Environment } from '../environment.ts';
import type { StateOptions } from '../options/options.ts';
import { runsDirectory } from '../run/runs-directory.ts';
import { OutputFile } from './output-file.ts';
import { targetOf } from './output-place.ts';
import { repositoryOf } from './repository.ts';

/** A file, if its option was given. */
type NamedFile = readonly [option: OptionName, path: string | undefined];

/** The values of `--report`, and other files that the command writes. */
export interface WantedReports {
  readonly reports: readonly string[];
  /** That of `--html`, which is short for `--report html=FILE`. */
  readonly html?: string | undefined;
  readonly otherFiles?: readonly NamedFile[];
}

/** Adds to `problems` files that are both written and read. @param read returns the paths of what is read */
export function refuseInputs(
  { reports, html, otherFiles = [] }: WantedReports,
  read: () => readonly string[],
  problems: Problems,
): void {
  const written: readonly NamedFile[] = [
    ...otherFiles,
    ['--html', html],
    // `--report gitlab` has no file.
    ...reports.flatMap((wanted) => {
      const end = wanted.indexOf('=');
      return end < 0 ? [] : [['--report', wanted.slice(end + 1)] as const];
    }),
  ];
  // A file that does not exist yet is not read, and most are new.
  const existing = written.flatMap(([option, path]) => (path && existsSync(path) ? [[option, path] as const] : []));
  if (existing.length === 0) return;
  const inputs = new Set(read().map(placeOf));
  for (const [option, path] of existing) {
    if (!inputs.has(placeOf(path))) continue;
    problems.error(`${path} is read by this command, and ${option} would replace it`, [option], 'name another file');
  }
}

const KIND = { option: '--report', mode: 0o644, isShared: false } as const;

interface PlacedReport<Content> {
  readonly report: (content: Content, inRepository: InRepository) => ReportText;
  readonly file: OutputFile;
}

interface Reservation {
  /** The words of the command line that name each place. */
  readonly taken: Map<string, string>;
  readonly options: StateOptions;
  readonly problems: Problems;
}

/** The reports of a command: checked for writability before the run, and written at its end. */
export class ReportFiles<Content> {
  readonly #kinds: ReportKinds<Content>;
  readonly #environment: Environment;
  readonly #logs = new Set<string>();
  #placed: PlacedReport<Content>[] = [];

  constructor(kinds: ReportKinds<Content>, environment: Environment) {
    this.#kinds = kinds;
    this.#environment = environment;
  }

  /** Before the first contact: adds to `problems` what is not a report or cannot be written. */
  reserve({ reports, html, otherFiles = [] }: WantedReports, options: StateOptions, problems: Problems): void {
    const { files, logs } = this.#kinds;
    const taken = new Map<string, string>();
    for (const [option, path] of otherFiles) if (path !== undefined) taken.set(placeOf(path), option);
    for (const wanted of reports) {
      const [kind = '', ...rest] = wanted.split('=');
      const path = rest.join('=');
      const report = files.get(kind);
      if (logs.has(wanted)) this.#logs.add(wanted);
      else if (report === undefined || path === '')
        problems.error(this.#whyNot(kind, wanted), ['--report'], this.#hint(kind));
      else this.#place(report, path, ['--report', wanted], { taken, options, problems });
    }
    const page = files.get('html');
    if (page && html !== undefined) this.#place(page, html, ['--html', html], { taken, options, problems });
  }

  #place(
    report: PlacedReport<Content>['report'],
    path: string,
    [option, value]: readonly [option: OptionName, value: string],
    { taken, options, problems }: Reservation,
  ): void {
    if (!this.#isFree(path, [option, value], { taken, options, problems })) return;
    const file = OutputFile.reserve(path, problems, { ...KIND, option });
    if (file) this.#placed.push({ report, file });
  }

  #whyNot(kind: string, wanted: string): string {
    const { files, ofOtherCommands } = this.#kinds;
    if (files.has(kind)) return `--report ${kind} needs a file: ${kind}=FILE`;
    const other = ofOtherCommands?.get(kind);
    return other === undefined ? `--report ${wanted} is not a kind of report` : `--report ${kind} is only for ${other}`;
  }

  #hint(kind: string): string {
    const { files, logs } = this.#kinds;
    const kinds = [...files.keys(), ...logs.keys()];
    const meant = kinds.includes(kind) ? undefined : nearest(kind, kinds);
    const words = [...[...files.keys()].map((one) => `${one}=FILE`), ...logs.keys()].join(', ');
    return `${meant === undefined ? '' : `did you mean ${meant}? `}give ${words.replace(/, (\S+)$/, ' or $1')}`;
  }

  #isFree(
    path: string,
    [option, value]: readonly [option: OptionName, value: string],
    { taken, options, problems }: Reservation,
  ): boolean {
    const place = placeOf(path);
    const other = taken.get(place);
    const words = `${option} ${value}`;
    taken.set(place, words);
    if (other !== undefined) {
      problems.error(`${path} is to be written by ${other} and by ${words}`, [option], 'name another file');
      return false;
    }
    if (place.startsWith(placeOf(runsDirectory(this.#environment, options)) + sep)) {
      problems.error(`${path} is where the journals of runs are kept`, [option], 'name a file somewhere else');
      return false;
    }
    return true;
  }

  /**
   * Writes all reports; without content old files are kept. A write error is only reported on stderr, and does not change the exit code:
   * the run itself is over.
   */
  finish(content: Content | undefined): void {
    const inRepository = repositoryOf(this.#environment);
    for (const { report, file } of this.#placed) {
      if (content !== undefined) this.#try('a report', () => file.write(report(content, inRepository)));
      file.discard();
    }
    this.#placed = [];
    if (content === undefined) return;
    // Runners read standard error as well, where it does not mix with output.
    for (const word of this.#logs)
      this.#try('a report', () =>
        this.#environment.stderr.write(this.#kinds.logs.get(word)?.(content, inRepository) ?? ''),
      );
    if (this.#logs.has('github')) this.#try('the job’s summary', () => this.#addSummary(content));
    this.#logs.clear();
  }

  #addSummary(content: Content): void {
    const path = this.#environment.variables['GITHUB_STEP_SUMMARY'];
    if (path === undefined || path === '') return;
    try {
      const before = existsSync(path) ? statSync(path).size : 0;
      const text = fittingPage(this.#kinds.summary(content), { ...JOB_SUMMARY, bytes: JOB_SUMMARY.bytes - before });
      if (text === undefined)
        throw InputError.of(
          `${path} is not added to: with more than 1 MiB GitHub would show nothing of what this step has said there`,
        );
      appendFileSync(path, text);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw InputError.of(`cannot write the job's summary ${path}: ${describeSystemError(error)}`);
    }
  }

  #try(what: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      const why = error instanceof InputError ? error.message : `a bug in ${what}: ${String(error)}`;
      this.#environment.stderr.write(`warning: ${why}. The exit code is valid all the same.\n`);
    }
  }
}

/** The same key for the same file, whatever the path. */
function placeOf(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    try {
      const target = targetOf(whole);
      return join(realpathSync(dirname(target)), basename(target));
    } catch {
      return whole;
    }
  }
}
