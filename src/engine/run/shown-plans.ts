import { type HostTaskPlan, type PlansByHost, planInRun } from '../plan/host-task-plan.ts';
import type { CompiledPlay, CompiledTask } from '../program/compiled.ts';
import { nodesIn } from '../program/play-tasks.ts';
import type { TaskRequest } from '../walk/request.ts';

type Batch = readonly { readonly name: string }[];

/** What was shown for each host, and for those that do what another one was to do for all (`run_once`), and is out by now. */
export class ShownPlans {
  readonly #plans: PlansByHost;
  readonly #play: Pick<CompiledPlay, 'body' | 'handlers'>;
  /** For hosts that have done so: the handlers that this notifies, by path, with the one in whose place. */
  readonly #inPlaceOf = new Map<string, Map<string, string>>();

  constructor(plans: PlansByHost, play: Pick<CompiledPlay, 'body' | 'handlers'>) {
    this.#plans = plans;
    this.#play = play;
  }

  /** What binds these hosts at a task. @param batch the hosts of the batch */
  of(
    names: readonly string[],
    { task, isBehindFailure }: Pick<TaskRequest, 'task' | 'isBehindFailure'>,
    batch: Batch,
  ): Map<string, HostTaskPlan> {
    const found = names.flatMap((name) => {
      const planned = planInRun(this.#shownFor(name, task, batch), isBehindFailure);
      return planned ? [[name, planned] as const] : [];
    });
    return new Map(found);
  }

  /**
   * The shown plan of a task for a host. A task with `run_once`, and the handlers that it notifies, may now fall to another host than the one
   * that they were planned for: then it is the plan of that one.
   */
  #shownFor(name: string, task: TaskRequest['task'], batch: Batch): HostTaskPlan | undefined {
    const { path } = task.ref;
    const planFor = (host: string): HostTaskPlan | undefined => this.#plans.get(host)?.get(path);
    const own = planFor(name);
    if (own) return own;
    const first = task.runOnce ? batch.find((host) => planFor(host.name))?.name : this.#inPlaceOf.get(name)?.get(path);
    const planned = first === undefined ? undefined : planFor(first);
    if (first === undefined || !planned) return undefined;
    this.#bindHandlers(task, name, first);
    return { ...planned, inPlaceOf: first };
  }

  /** Whatever else the host does is not bound by this. */
  #bindHandlers({ notify, notifyTemplates }: CompiledTask, name: string, first: string): void {
    if (notify.length + notifyTemplates.length === 0) return;
    const bound = this.#inPlaceOf.get(name) ?? new Map<string, string>();
    const flushed = nodesIn(this.#play.body).flatMap((node) => (node.kind === 'flush' ? node.handlers : []));
    for (const { task, names } of [...flushed, ...this.#play.handlers])
      if (notifyTemplates.length > 0 || notify.some((one) => names.has(one))) bound.set(task.ref.path, first);
    this.#inPlaceOf.set(name, bound);
  }
}
