import type { Problems } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import { type EventLine, lineStamp } from '../../core/events/line.ts';
import { RUN_REPORTS } from '../../report/reports/kinds.ts';
import { type RunRecord, RunRecorder } from '../../report/reports/run-record.ts';
import type { Environment } from '../environment.ts';
import type { StateOptions } from '../options/options.ts';
import { ReportFiles, type WantedReports } from './report-files.ts';

/** The reports of a run, made from its events. */
export class RunReports {
  readonly #stamp: (event: Event) => EventLine;
  readonly #recorder = new RunRecorder();
  readonly #files: ReportFiles<RunRecord>;

  constructor(environment: Environment) {
    this.#stamp = lineStamp(environment.clock);
    this.#files = new ReportFiles(RUN_REPORTS, environment);
  }

  /** Before the first contact: what is not a report, and what cannot be written, is added to `problems`. */
  reserve(wanted: WantedReports, options: StateOptions, problems: Problems): void {
    this.#files.reserve(wanted, options, problems);
  }

  /** Takes the next event. Throws nothing that would end the run. */
  take(event: Event): void {
    this.#recorder.take(this.#stamp(event));
  }

  /** Writes them all; where nothing has begun old files stay as they are. */
  finish(): void {
    this.#files.finish(this.#recorder.record);
  }
}
