import type { Event } from '../../core/events/event.ts';
import type { ReporterOptions } from '../reporter.ts';
import { FleetPlan } from './fleet-plan.ts';
import { formatFleetPlan } from './format-fleet-plan.ts';

/** Formats the plan of a fleet as soon as it is complete. */
export class FleetPlanFormatter {
  readonly #options: ReporterOptions;
  readonly #plan = new FleetPlan();
  /** The play is being applied, so further events of its clusters do not belong to a plan. */
  #isCarriedOut = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Processes the next event. @returns lines to print before it; empty unless the plans of several clusters are complete. */
  before(event: Event, width: number): readonly string[] {
    const { fleetPlan, now } = this.#options;
    if (!fleetPlan) return [];
    if (this.#isCarriedOut && event.type !== 'play-started') return [];
    const isLast = event.type === 'run-finished';
    if (isLast || event.type === 'rollout-started') this.#plan.take(event);
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
