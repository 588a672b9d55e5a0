import type { FleetPlans } from '../plan/fleet-plans.ts';
import type { FleetPlanShown } from '../reporter.ts';

/** How the plans of a run are shown in its reports. */
export interface PlansShown {
  /** Contents of files as unified diffs. */
  readonly diff: boolean;
  readonly fleet: FleetPlanShown;
  /** What is shown of plans for several clusters, which the record of the run does not have. */
  readonly fleetPlans: FleetPlans;
}
