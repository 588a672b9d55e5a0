import type { Event } from '../../core/events/event.ts';
import { FleetPlan } from './fleet-plan.ts';

/** Collects the plans of all plays of a run, as far as the order of their clusters is concerned. */
export class FleetPlans {
  readonly #plans: FleetPlan[] = [];

  /** Processes the next event of the run. */
  take(event: Event): void {
    if (event.type === 'play-started') this.#plans.push(new FleetPlan());
    this.#plans.at(-1)?.take(event);
  }

  /** That of a play, by its place in the run. */
  of(play: number): FleetPlan | undefined {
    return this.#plans[play];
  }
}
