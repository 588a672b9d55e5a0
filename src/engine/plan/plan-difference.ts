import type { HostPlan, PlayPlan, ShownTaskPlan } from '../../core/events/plan.ts';
import { canonicalJson, type Json } from '../../core/json.ts';
import type { Change } from '../../core/plan.ts';
import { changesOf, outcomeOf, unshown } from './changes.ts';

/** A host that would now be treated differently from a saved plan. */
export interface PlanDifference {
  readonly host: string;
  /** What was planned and what would be done now, task by task. */
  readonly differences: readonly Difference[];
}

type Difference = readonly [label: string, text: string];

/**
 * The hosts that would now be treated otherwise than a saved plan says, with what differs. `earlier` are the plans that this run
 * has made before, of other plays: which plan of the saved ones is meant is told, host by host, by how many it was in already.
 * What the plan left open to the run binds nothing, and what comes after it may be less than was planned without it, never more.
 */
export function planDifferences(
  saved: readonly PlayPlan[],
  earlier: readonly PlayPlan[],
  now: PlayPlan,
): readonly PlanDifference[] {
  return now.hosts.flatMap((current): readonly PlanDifference[] => {
    const of = (plans: readonly PlayPlan[]) =>
      plans.filter(({ hosts }) => hosts.some(({ host }) => host === current.host));
    const own = of(saved);
    const index = of(earlier).length;
    const planned = own[index];
    const before = planned?.hosts.find(({ host }) => host === current.host);
    const wasOpen = own
      .slice(0, index)
      .some(({ hosts }) => hosts.some((plan) => plan.host === current.host && isOpen(plan)));
    const differences =
      planned?.play === now.play && before
        ? [...orderDifference(planned, now), ...taskDifferences(before, current, now, wasOpen)]
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
    // A task to which other hosts come.
    if (!then && !now) return [];
    if (then?.action === 'unknown') {
      isBound = false;
      return [];
    }
    if (then && now && (isBound ? essence(then) === essence(now) : isWithin(now, then))) return [];
    return [
      [`${name}: planned`, then ? describe(then) : 'nothing'],
      [`${name}: now`, now ? describe(now) : 'nothing'],
    ];
  });
}

function isWithin(now: ShownTaskPlan, then: ShownTaskPlan): boolean {
  return now.action !== 'unknown' && unshown(changesOf(now), changesOf(then).map(outcomeOf)).length === 0;
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
