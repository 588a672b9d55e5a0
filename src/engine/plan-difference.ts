import type { HostPlan, PlayPlan, ShownTaskPlan } from '../core/event.ts';
import { canonicalJson, type Json } from '../core/json.ts';
import type { Change } from '../core/plan.ts';
import { beyond, changesOf, nameOf } from './changes.ts';

export interface PlanDifference {
  readonly host: string;
  /** What was planned and what would be done now, task by task. */
  readonly differences: readonly Difference[];
}

type Difference = readonly [label: string, text: string];

/**
 * The hosts that would now be treated otherwise than a saved plan says, with what differs. `index` is the number of the play
 * in the saved plan. What the plan left open to the run binds nothing, and what comes after it may be less than was planned
 * without it, never more.
 */
export function planDifferences(saved: readonly PlayPlan[], index: number, now: PlayPlan): readonly PlanDifference[] {
  const planned = saved[index];
  const open = new Set(saved.slice(0, index).flatMap(({ hosts }) => hosts.filter(isOpen).map(({ host }) => host)));
  return now.hosts.flatMap((current): readonly PlanDifference[] => {
    const before = planned?.hosts.find(({ host }) => host === current.host);
    const differences =
      planned && before
        ? [...orderDifference(planned, now), ...taskDifferences(before, current, now, open.has(current.host))]
        : [['planned', 'nothing: the host is not in the plan'] as const];
    return differences.length > 0 ? [{ host: current.host, differences }] : [];
  });
}

/** It has a task of which only the run tells what it does. */
function isOpen({ tasks }: HostPlan): boolean {
  return tasks.some((plan) => plan.action === 'unknown' || changesOf(plan).some(({ kind }) => kind === 'run'));
}

/** All hosts together is not what was shown as one host at a time. */
function orderDifference({ order: then }: PlayPlan, { order: now }: PlayPlan): readonly Difference[] {
  if (then.name === now.name) return [];
  return [
    ['order: planned', `${then.name}: ${then.reason}`],
    ['order: now', `${now.name}: ${now.reason}`],
  ];
}

function taskDifferences(
  before: HostPlan,
  current: HostPlan,
  { tasks }: PlayPlan,
  wasOpen: boolean,
): readonly Difference[] {
  let isBound = !wasOpen;
  return tasks.flatMap(({ path, name }): readonly Difference[] => {
    const then = before.tasks.find((task) => task.path === path);
    const now = current.tasks.find((task) => task.path === path);
    if (then?.action === 'unknown') {
      isBound = false;
      return [];
    }
    if (then && now && (isBound ? essence(then) === essence(now) : isNoMore(now, then))) return [];
    return [
      [`${name}: planned`, then ? describe(then) : 'nothing'],
      [`${name}: now`, now ? describe(now) : 'nothing'],
    ];
  });
}

function isNoMore(now: ShownTaskPlan, then: ShownTaskPlan): boolean {
  return now.action !== 'unknown' && beyond(changesOf(now), changesOf(then).map(nameOf)).length === 0;
}

/** What a plan does, without the words for it. */
function essence(plan: ShownTaskPlan): string {
  if (plan.action !== 'change') return plan.action;
  const changes = plan.changes.map(({ kind, target, before, after }): Json => ({ kind, target, before, after }));
  return `change ${canonicalJson(changes)}`;
}

function describe(plan: ShownTaskPlan): string {
  switch (plan.action) {
    case 'change':
      return plan.changes.map(describeChange).join('; ');
    case 'none':
    case 'skip':
    case 'refuse':
      return plan.reason;
    case 'check':
      return plan.expectation;
    case 'unknown':
      return `not known before '${plan.until}'`;
  }
}

function describeChange({ kind, target, before, summary }: Change): string {
  return `${kind} ${target}${summary === undefined ? (before === null ? '' : ` (was ${canonicalJson(before)})`) : ` (${summary})`}`;
}
