import type { Event } from '../core/events/event.ts';
import { FleetPlan } from './fleet-plan.ts';
import { formatFleetPlan } from './format-fleet-plan.ts';
import type { ReporterOptions } from './reporter.ts';

/** Formats the plan of a fleet as soon as all of it is known, before something else starts. */
export class FleetPlanFormatter {
  readonly #options: ReporterOptions;
  readonly #plan = new FleetPlan();
  /** The play is carried out: what its clusters are told by now is no plan of the fleet. */
  #isCarriedOut = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Takes the next event. @returns the lines that are to be shown before it is told; none, unless plans of several clusters are complete. */
  before(event: Event, width: number): readonly string[] {
    const { fleetPlan, now } = this.#options;
    if (!fleetPlan) return [];
    if (this.#isCarriedOut && event.type !== 'play-started') return [];
    const isLast = event.type === 'run-finished';
    if (isLast) this.#plan.take(event);
    const isComplete = isLast || event.type === 'play-started' || event.type === 'rollout-started';
    const lines = isComplete
      ? formatFleetPlan(this.#plan, { ...this.#options, shows: fleetPlan, width, now: now() })
      : [];
    if (isComplete) this.#plan.clear();
    if (!isLast) this.#plan.take(event);
    this.#isCarriedOut = event.type === 'rollout-started';
    return lines;
  }
}
