import type { HostPlan, PlannedTask, ShownTaskPlan } from '../../core/events/plan.ts';
import { certainRefusal } from '../../core/events/planned-refusals.ts';
import type { TaskRef } from '../../core/events/task.ts';
import { nameList } from '../../core/name-list.ts';

/** The number of identical hosts named without -v. */
const MAX_LISTED_HOSTS = 12;

const IDLE_ACTIONS: readonly ShownTaskPlan['action'][] = ['none', 'skip'];

/** The label of a task is its step, or its name if a play uses the step twice. */
export function taskLabels(tasks: readonly TaskRef[]): readonly string[] {
  return tasks.map(({ step, name }) => (tasks.filter((other) => other.step === step).length > 1 ? name : step));
}

/** The tasks that matter for a host without -v; none if it needs nothing. For a host that takes no part, only the reason matters. */
export function shownTasks({ tasks }: HostPlan): readonly PlannedTask[] {
  const isRefused = certainRefusal(tasks) !== undefined;
  return tasks.filter((task) => (isRefused ? task.action === 'refuse' : !isIdle(task)));
}

function isIdle(task: PlannedTask): boolean {
  const changesInCheckMode = task.action === 'none' ? (task.would ?? []) : [];
  return IDLE_ACTIONS.includes(task.action) && changesInCheckMode.length === 0 && task.unless === undefined;
}

/** Why a host needs nothing, according to its first and last task. */
export function idleReason({ tasks }: HostPlan): string {
  const reasons = tasks.flatMap((task) => (task.action === 'none' || task.action === 'skip' ? [task.reason] : []));
  const ends = new Set([...reasons.slice(0, 1), ...reasons.slice(-1)]);
  return ['nothing to do', ...ends].join('; ');
}

/** What a task does if the run decides it. */
export function unlessText(unless: string): string {
  return `${unless}: then decided in the run`;
}

/** What is said of a task that cannot be planned yet. */
export function unknownText(until: string): string {
  return `not known until '${until}' has run`;
}

/** The names of hosts for which the same is planned. @param complete all of them */
export function hostNames(hosts: readonly string[], complete: boolean): string {
  return nameList(hosts, complete ? hosts.length : MAX_LISTED_HOSTS);
}
