import { type HostTaskPlan, type PlansByHost, planInRun } from '../plan/host-task-plan.ts';
import type { TaskRequest } from '../walk/request.ts';

/** What was shown for each host, and for those that do what another one was to do for all (`run_once`), and is out by now. */
export class ShownPlans {
  readonly #plans: PlansByHost;
  /** For hosts that have done so: the one in whose place. */
  readonly #inPlaceOf = new Map<string, string>();

  constructor(plans: PlansByHost) {
    this.#plans = plans;
  }

  /** What binds these hosts at a task. @param batch the hosts of the batch */
  of(
    names: readonly string[],
    { task, isBehindFailure }: Pick<TaskRequest, 'task' | 'isBehindFailure'>,
    batch: readonly string[],
  ): Map<string, HostTaskPlan> {
    const found = names.flatMap((name) => {
      const planned = planInRun(this.#shownFor(name, task, batch), isBehindFailure);
      return planned ? [[name, planned] as const] : [];
    });
    return new Map(found);
  }

  /** Of what one host does for all, the plan of the one for which it was planned; so it is with the handlers that this notifies. */
  #shownFor(
    name: string,
    { ref: { path }, runOnce }: TaskRequest['task'],
    batch: readonly string[],
  ): HostTaskPlan | undefined {
    const planFor = (host: string): HostTaskPlan | undefined => this.#plans.get(host)?.get(path);
    const own = planFor(name);
    if (own) return own;
    const first = runOnce ? batch.find((host) => planFor(host)) : this.#inPlaceOf.get(name);
    const planned = first === undefined ? undefined : planFor(first);
    if (first === undefined || !planned) return undefined;
    this.#inPlaceOf.set(name, first);
    return { ...planned, inPlaceOf: first };
  }
}
