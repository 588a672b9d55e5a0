import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import type { TaskOutcome, TaskRef } from '../../core/events/task.ts';
import { planTotals } from '../../core/plan-totals.ts';
import type { PlayState } from '../progress/play-state.ts';
import type { TaskProgress } from '../progress/task-progress.ts';
import { summarize, summarizeHost } from '../progress/task-summary.ts';
import type { EventOf } from '../reporter.ts';

const IDLE_ACTIONS: readonly unknown[] = ['none', 'skip'];
const QUIET_OUTCOMES: readonly TaskOutcome[] = ['ok', 'skipped'];

/** Whether a task may take long: on some of these hosts it does more than find nothing to do. */
export function mayTakeLong(plan: PlayPlan | undefined, { path }: TaskRef, hosts: readonly string[]): boolean {
  const planned = plan?.hosts.map(
    ({ host, tasks }) => [host, tasks.find((task) => task.path === path)?.action] as const,
  );
  const actions = new Map(planned);
  return hosts.some((host) => !IDLE_ACTIONS.includes(actions.get(host)));
}

/** Whether a task did nothing in a cluster among others on which nothing was to be done: many clusters may be like that. */
export function isIdle(task: TaskProgress, { plan, cluster }: Pick<PlayState, 'plan' | 'cluster'>): boolean {
  if (!cluster || !plan) return false;
  const isAsFound = task.results.every(
    ({ outcome, changes }) => QUIET_OUTCOMES.includes(outcome) && changes.length === 0,
  );
  // What the whole plan says is only worked out for such a task.
  return isAsFound && planTotals(plan).unchanged === plan.hosts.length;
}

/** How a task ended on one host: `Install › m1: changed · 2s · /etc/x`. */
export function hostLine(event: EventOf<'task-finished'>): string {
  const summary = summarizeHost(event);
  const facts = [event.outcome === 'skipped' ? '' : event.outcome, formatDuration(event.elapsedMs), summary];
  return `${event.task.name} › ${event.host}: ${facts.filter((fact) => fact !== '').join(' · ')}`;
}

/** How a task ended on all its hosts: `Install: done · 3 hosts · 2s · 1 change`. */
export function endedLine(task: TaskProgress, nowMs: number): string {
  const facts = [
    task.isGood ? 'done' : 'ended',
    count(task.hosts.length, 'host'),
    formatDuration(task.elapsedMs(nowMs)),
    summarize(task.results),
  ];
  return `${task.name}: ${facts.filter((fact) => fact !== '').join(' · ')}`;
}

/** How a stage of a task ended: `Restart › etcd: done · 12s`. */
export function stageLine({ task, stage, elapsedMs }: EventOf<'stage-finished'>, progress: TaskProgress): string {
  const isGood = progress.stages.every((other) => other.stage !== stage || progress.isStageGood(other));
  return `${task.name} › ${stage}: ${isGood ? 'done' : 'ended'} · ${formatDuration(elapsedMs)}`;
}
