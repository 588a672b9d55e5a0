import type { Event } from '../../../../src/core/events/event.ts';
import { PAGE } from '../../../../src/report/formats/page-size.ts';
import { wholeText } from '../../../../src/report/formats/report-kinds.ts';
import { FleetPlans } from '../../../../src/report/plan/fleet-plans.ts';
import { html } from '../../../../src/report/reports/html.ts';
import type { PlansShown } from '../../../../src/report/reports/plans-shown.ts';
import type { RunRecord } from '../../../../src/report/reports/run-record.ts';

/** How reports show plans. @param events of the run, for plans of several clusters */
export function plansShown(events: readonly Event[] = [], diff = false): PlansShown {
  const fleetPlans = new FleetPlans();
  for (const event of events) fleetPlans.take(event);
  return { diff, fleet: { isDetailed: true, isOfRun: false }, fleetPlans };
}

/** The page of a run for the browser. */
export function htmlPageOf(run: RunRecord, shown: PlansShown = plansShown(), bytes: number = PAGE.bytes): string {
  return wholeText(html(run, shown, { ...PAGE, bytes }));
}
