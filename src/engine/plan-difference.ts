import type { HostPlan, PlayPlan, ShownTaskPlan } from '../core/event.ts';
import { canonicalJson, type Json } from '../core/json.ts';
import type { Change } from '../core/plan.ts';

export interface PlanDifference {
  readonly host: string;
  /** What was planned and what would be done now, task by task. */
  readonly differences: readonly (readonly [label: string, text: string])[];
}

/** The hosts that would now be treated otherwise than a saved plan says, with what differs. */
export function planDifferences(saved: PlayPlan | undefined, now: PlayPlan): readonly PlanDifference[] {
  const planned = new Map(saved?.hosts.map((plan) => [plan.host, plan]));
  return now.hosts.flatMap((current): readonly PlanDifference[] => {
    const before = planned.get(current.host);
    const differences = before
      ? differencesOf(before, current, now)
      : [['planned', 'nothing: the host is not in the plan'] as const];
    return differences.length > 0 ? [{ host: current.host, differences }] : [];
  });
}

function differencesOf(
  before: HostPlan,
  current: HostPlan,
  { tasks }: PlayPlan,
): readonly (readonly [string, string])[] {
  return tasks.flatMap(({ name }, index) => {
    const then = before.tasks[index];
    const now = current.tasks[index];
    if (then && now && essence(then) === essence(now)) return [];
    return [
      [`${name}: planned`, then ? describe(then) : 'nothing'],
      [`${name}: now`, now ? describe(now) : 'nothing'],
    ] as const;
  });
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
