import { appendFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { InputError, type Problems } from '../core/diagnostic.ts';
import type { Event } from '../core/events/event.ts';
import { type EventLine, lineStamp } from '../core/events/line.ts';
import { describeSystemError } from '../core/system-error.ts';
import { github } from '../report/reports/github.ts';
import { FILE_REPORTS } from '../report/reports/kinds.ts';
import { markdown } from '../report/reports/markdown.ts';
import type { Report } from '../report/reports/report.ts';
import { type RunRecord, RunRecorder } from '../report/reports/run-record.ts';
import { type Environment, runsDirectory } from './environment.ts';
import type { StateOptions } from './options.ts';
import { OutputFile } from './output-file.ts';

/** What `--report` was given, and the files that the command writes besides. */
export interface WantedReports {
  readonly reports: readonly string[];
  /** By the option that names it. */
  readonly besides?: Readonly<Record<string, string | undefined>>;
}

const KIND = { option: '--report', mode: 0o644, isShared: false } as const;
const KINDS = [...FILE_REPORTS.keys()].map((kind) => `${kind}=FILE`).join(', ');

interface PlacedReport {
  readonly report: Report;
  readonly file: OutputFile;
}

/** The reports of a run: their places are tried before anything is contacted, and they are written when it has ended. */
export class RunReports {
  readonly #environment: Environment;
  readonly #stamp: (event: Event) => EventLine;
  readonly #recorder = new RunRecorder();
  #placed: PlacedReport[] = [];
  #isForGithub = false;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#stamp = lineStamp(environment.clock);
  }

  /** Before the first contact: what is not a report, and what cannot be written, is added to `problems`. */
  reserve({ reports, besides = {} }: WantedReports, options: StateOptions, problems: Problems): void {
    const taken = new Map<string, string>();
    for (const [option, path] of Object.entries(besides)) if (path !== undefined) taken.set(placeOf(path), option);
    for (const wanted of reports) {
      const [kind = '', ...rest] = wanted.split('=');
      const path = rest.join('=');
      const report = FILE_REPORTS.get(kind);
      if (wanted === 'github') this.#isForGithub = true;
      else if (report === undefined || path === '')
        problems.error(`--report ${wanted} is no report`, undefined, `give ${KINDS}, or github`);
      else if (this.#isFree(path, wanted, taken, options, problems)) {
        const file = OutputFile.reserve(path, problems, KIND);
        if (file) this.#placed.push({ report, file });
      }
    }
  }

  #isFree(
    path: string,
    wanted: string,
    taken: Map<string, string>,
    options: StateOptions,
    problems: Problems,
  ): boolean {
    const place = placeOf(path);
    const other = taken.get(place);
    taken.set(place, `--report ${wanted}`);
    if (other !== undefined) {
      problems.error(`${path} is to be written by ${other} and by --report ${wanted}`, undefined, 'name another file');
      return false;
    }
    if (place.startsWith(placeOf(runsDirectory(this.#environment, options)) + sep)) {
      problems.error(`${path} is where the journals of runs are kept`, undefined, 'name a file somewhere else');
      return false;
    }
    return true;
  }

  /** Takes the next event. Throws nothing that would end the run. */
  take(event: Event): void {
    this.#recorder.take(this.#stamp(event));
  }

  /**
   * Writes them all. What has been done has been done: that one cannot be written any more is said on stderr, and changes no exit
   * code. Where nothing has begun old files stay as they are.
   */
  finish(): void {
    const { record } = this.#recorder;
    for (const { report, file } of this.#placed) {
      if (record) this.#try('a report', () => file.write(report(record)));
      file.discard();
    }
    this.#placed = [];
    if (record && this.#isForGithub) this.#try('the report for GitHub', () => this.#tellGithub(record));
  }

  /** The runner reads commands from standard error as well, where they disturb no output. */
  #tellGithub(record: RunRecord): void {
    const { stderr, variables } = this.#environment;
    stderr.write(github(record));
    const path = variables['GITHUB_STEP_SUMMARY'];
    if (path === undefined || path === '') return;
    try {
      appendFileSync(path, markdown(record));
    } catch (error) {
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

/** The same for the same place, by whatever way it is named. */
function placeOf(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    try {
      return join(realpathSync(dirname(whole)), basename(whole));
    } catch {
      return whole;
    }
  }
}
