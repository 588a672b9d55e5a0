import type { Problems } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import { type EventLine, lineStamp } from '../../core/events/line.ts';
import { FleetPlans } from '../../report/plan/fleet-plans.ts';
import { runReports } from '../../report/reports/kinds.ts';
import type { PlansShown } from '../../report/reports/plans-shown.ts';
import { type RunRecord, RunRecorder } from '../../report/reports/run-record.ts';
import type { Environment } from '../environment.ts';
import type { StateOptions } from '../options/options.ts';
import { ReportFiles, type WantedReports } from './report-files.ts';

/** The reports of a run, made from its events. */
export class RunReports {
  readonly #stamp: (event: Event) => EventLine;
  readonly #recorder = new RunRecorder();
  readonly #fleetPlans = new FleetPlans();
  readonly #files: ReportFiles<RunRecord>;

  /** @param shown how plans are shown in them */
  constructor(environment: Environment, shown: Omit<PlansShown, 'fleetPlans'>) {
    this.#stamp = lineStamp(environment.clock);
    this.#files = new ReportFiles(runReports({ ...shown, fleetPlans: this.#fleetPlans }), environment);
  }

  /** Before the first contact: adds to `problems` what is not a report or cannot be written. */
  reserve(wanted: WantedReports, options: StateOptions, problems: Problems): void {
    this.#files.reserve(wanted, options, problems);
  }

  /** Records the next event. Never ends the run by throwing. */
  take(event: Event): void {
    this.#recorder.take(this.#stamp(event));
    this.#fleetPlans.take(event);
  }

  /** Writes all reports; if the run has not started, old files are kept. */
  finish(): void {
    this.#files.finish(this.#recorder.record);
  }
}
