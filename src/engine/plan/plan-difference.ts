import type { HostPlan, PlayPlan, ShownTaskPlan } from '../../core/events/plan.ts';
import type { TaskRef } from '../../core/events/task.ts';
import { canonicalJson, isJsonObject, type Json, sameJson } from '../../core/json.ts';
import type { Change } from '../../core/plan.ts';
import { PLAIN_STRATEGIES } from '../../playbook/model.ts';
import { changesOf, outcomeOf, unshown } from './changes.ts';

/** A host that would now be treated differently from a saved plan. */
export interface PlanDifference {
  readonly host: string;
  /** What was planned and what would be done now, by task. */
  readonly differences: readonly Difference[];
}

type Difference = readonly [label: string, text: string];

/**
 * The hosts that would now be treated differently from a saved plan. `earlier` are the plans of this run's earlier plays: a
 * host's n-th plan is compared with its n-th saved plan. Of tasks that the saved plan left to the run only the step is
 * binding, and the tasks after them may do less than planned, never more.
 * @param once the paths of tasks that one host does for all (`run_once`): where that one is out by now, the next one does the same
 */
export function planDifferences(
  saved: readonly PlayPlan[],
  earlier: readonly PlayPlan[],
  now: PlayPlan,
  once: ReadonlySet<string> = new Set(),
): readonly PlanDifference[] {
  // Only for the plans of these hosts: a fleet has one of each cluster.
  const known = new Map<PlayPlan, ReadonlySet<string>>();
  const reversedIn = (plan: PlayPlan): ReadonlySet<string> => {
    const reversed = known.get(plan) ?? reversedHosts(plan.order, now.order);
    known.set(plan, reversed);
    return reversed;
  };
  const names = new Set(now.hosts.map(({ host }) => host));
  // One host does in the place of one that is out what that was to do for its batch.
  const taken = new Set<HostPlan['tasks'][number]>();
  const withOthers = (before: HostPlan, plan: PlayPlan, current: HostPlan): HostPlan => {
    const more = tasksOfAbsent(before, current, plan, names, once).filter((task) => !taken.has(task));
    for (const task of more) taken.add(task);
    return more.length > 0 ? { ...before, tasks: [...before.tasks, ...more] } : before;
  };
  const [savedOf, earlierOf] = [plansByHost(saved, names), plansByHost(earlier, names)];
  return now.hosts.flatMap((current): readonly PlanDifference[] => {
    const own = savedOf.get(current.host) ?? [];
    const index = earlierOf.get(current.host)?.length ?? 0;
    const { plan, host: before } = own[index] ?? {};
    const wasOpen = own.slice(0, index).some(({ host }) => isOpen(host));
    if (plan?.play !== now.play || !before)
      return [{ host: current.host, differences: [['planned', 'nothing: the host is not in the plan']] }];
    const bound = withOthers(before, plan, current);
    const ofTasks = taskDifferences({ plan, host: bound }, current, now, wasOpen);
    const differences = [
      ...(isIdle(before) && isIdle(current) ? [] : orderDifference(plan, now, reversedIn(plan).has(current.host))),
      ...ofTasks,
      ...(ofTasks.length > 0 ? batchDifference(once, bound, current, [plan.order, now.order]) : []),
    ];
    return differences.length > 0 ? [{ host: current.host, differences }] : [];
  });
}

/** What a plan says of one of its hosts. */
interface PlanOfHost {
  readonly plan: PlayPlan;
  readonly host: HostPlan;
}

/** The plans of these hosts, in order. */
function plansByHost(
  plans: readonly PlayPlan[],
  names: ReadonlySet<string>,
): ReadonlyMap<string, readonly PlanOfHost[]> {
  const found = new Map<string, PlanOfHost[]>();
  for (const plan of plans)
    for (const host of plan.hosts) {
      if (!names.has(host.host)) continue;
      const own = found.get(host.host) ?? [];
      own.push({ plan, host });
      found.set(host.host, own);
    }
  return found;
}

/** Those of the tasks that a host now does for its batch which one of the same batch that is out by now was to do. */
function tasksOfAbsent(
  saved: HostPlan,
  now: HostPlan,
  { hosts, order }: PlayPlan,
  present: ReadonlySet<string>,
  once: ReadonlySet<string>,
): HostPlan['tasks'] {
  const isTaken = (path: string): boolean => once.has(path) && !saved.tasks.some((own) => own.path === path);
  const paths = new Set(now.tasks.map(({ path }) => path).filter(isTaken));
  if (paths.size === 0) return [];
  const batch = new Set(order.batches.find((names) => names.includes(saved.host)));
  const absent = hosts.filter(({ host }) => batch.has(host) && !present.has(host));
  return absent.flatMap(({ tasks }) => tasks.filter(({ path }) => paths.has(path)));
}

/** The batch of a host, if that is why it now does for all what another one was to do, or does not do it any more. */
function batchDifference(
  once: ReadonlySet<string>,
  before: HostPlan,
  current: HostPlan,
  orders: readonly [saved: PlayPlan['order'], now: PlayPlan['order']],
): readonly Difference[] {
  const own = ({ tasks }: HostPlan) => tasks.flatMap(({ path }) => (once.has(path) ? [path] : [])).toSorted();
  if (sameJson(own(before), own(current))) return [];
  const batchOf = ({ batches }: PlayPlan['order']) => batches.find((names) => names.includes(current.host)) ?? [];
  // Not all batches: a whole fleet may be refused, and each host tells its own.
  const [saved, now] = orders.map((order) => batchOf(order).join(' + '));
  if (saved === undefined || now === undefined || saved === now) return [];
  return [
    ['batch: planned', saved],
    ['batch: now', now],
  ];
}

function batchesOf({ batches }: PlayPlan['order']): string {
  return batches.map((batch) => batch.join(' + ')).join(', ');
}

/** Whether only the run can tell what one of its tasks does. */
function isOpen({ tasks }: HostPlan): boolean {
  return tasks.some((plan) => plan.action === 'unknown' || changesOf(plan).some(({ kind }) => kind === 'run'));
}

/** Whether nothing is changed on it, whatever its order. */
function isIdle({ tasks }: HostPlan): boolean {
  return tasks.every((plan) => plan.action !== 'unknown' && changesOf(plan).length === 0);
}

/**
 * Running all hosts together differs from running one host at a time, and so does another order of batches, which only an
 * inventory that has changed leads to, unless a strategy chooses it by the state of the hosts.
 */
function orderDifference(
  { order: saved }: PlayPlan,
  { order: now }: PlayPlan,
  isReversed: boolean,
): readonly Difference[] {
  if (saved.name === now.name) {
    if (!isReversed || !PLAIN_STRATEGIES.some((name) => name === now.name)) return [];
    return [
      ['order: planned', batchesOf(saved)],
      ['order: now', batchesOf(now)],
    ];
  }
  return [
    ['order: planned', `${saved.name}: ${saved.reason}`],
    ['order: now', `${now.name}: ${now.reason}`],
  ];
}

/** The hosts that are now in an earlier batch than one that they were to follow, or in a later one than one that they were to precede. */
function reversedHosts(
  { batches: saved }: PlayPlan['order'],
  { batches: now }: PlayPlan['order'],
): ReadonlySet<string> {
  const places = new Map(now.flatMap((batch, place) => batch.map((name) => [name, place] as const)));
  const known = saved.map((batch) => batch.filter((name) => places.has(name)));
  const placeOf = (name: string): number => places.get(name) ?? 0;
  return new Set([...outOfOrder(known, placeOf), ...outOfOrder(known.toReversed(), (name) => -placeOf(name))]);
}

/** Those of these batches whose place is before that of one in an earlier batch. */
function outOfOrder(batches: readonly (readonly string[])[], placeOf: (name: string) => number): readonly string[] {
  let last = Number.NEGATIVE_INFINITY;
  return batches.flatMap((batch) => {
    const before = last;
    last = batch.map(placeOf).reduce((most, place) => Math.max(most, place), last);
    return batch.filter((name) => placeOf(name) < before);
  });
}

function taskDifferences(
  { plan: { tasks: savedTasks }, host: before }: PlanOfHost,
  current: HostPlan,
  { tasks }: PlayPlan,
  wasOpen: boolean,
): readonly Difference[] {
  let isBound = !wasOpen;
  return tasks.flatMap(({ path, name, step }): readonly Difference[] => {
    const saved = before.tasks.find((task) => task.path === path);
    const now = current.tasks.find((task) => task.path === path);
    // Only other hosts reach this task.
    if (!saved && !now) return [];
    if (saved?.action === 'unknown') {
      isBound = false;
      return stepDifference(savedTasks, { path, name, step });
    }
    if (saved && now && (isBound ? essence(saved) === essence(now) : isWithin(now, saved))) return [];
    return [
      [`${name}: planned`, saved ? describe(saved, now) : 'nothing'],
      [`${name}: now`, now ? describe(now, saved) : 'nothing'],
    ];
  });
}

/** Only another included file, which a variable names for example, puts another step where a task was left to the run. */
function stepDifference(
  saved: PlayPlan['tasks'],
  { path, name, step }: Pick<TaskRef, 'path' | 'name' | 'step'>,
): readonly Difference[] {
  // Hosts that include different files may have several tasks here.
  const steps = saved.filter((task) => task.path === path).map((task) => task.step);
  if (steps.includes(step)) return [];
  return [
    [`${name}: planned`, `a task of ${steps.join(' or ')}, left to the run`],
    [`${name}: now`, `a task of ${step}`],
  ];
}

function isWithin(now: ShownTaskPlan, saved: ShownTaskPlan): boolean {
  return now.action !== 'unknown' && unshown(changesOf(now), changesOf(saved).map(outcomeOf)).length === 0;
}

/** What a plan does to the host, without its texts: nothing, if it only checks or waits, or is skipped. */
function essence(plan: ShownTaskPlan): string {
  if (plan.action === 'refuse' || plan.action === 'unknown') return plan.action;
  return canonicalJson(changesOf(plan).map(valuesOf));
}

/** What a change does, without its texts. */
function valuesOf({ kind, target, before, after }: Change): Json {
  return { kind, target, before, after };
}

/** A plan in words; of its changes only those that `other` does not have as well, if both have such changes. */
function describe(plan: ShownTaskPlan, other: ShownTaskPlan | undefined): string {
  switch (plan.action) {
    case 'change': {
      const others = other ? changesOf(other) : [];
      const own = without(plan.changes, others);
      const isShort = own.length > 0 && without(others, plan.changes).length > 0;
      return (isShort ? own : plan.changes).map((change) => describeBeside(change, others)).join('; ');
    }
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

function without(changes: readonly Change[], others: readonly Change[]): readonly Change[] {
  const known = new Set(others.map((change) => canonicalJson(valuesOf(change))));
  return changes.filter((change) => !known.has(canonicalJson(valuesOf(change))));
}

/** A change in words, with the values that tell it from one of the others that reads the same: `…, serial "0A3F"`. */
function describeBeside(change: Change, others: readonly Change[]): string {
  const text = describeChange(change);
  const twin = others.find((one) => describeChange(one) === text);
  if (!twin) return text;
  const values = [...differingValues(change.before, twin.before), ...differingValues(change.after, twin.after)];
  return [text, ...values].join(', ');
}

function differingValues(value: Json, other: Json): readonly string[] {
  if (sameJson(value, other)) return [];
  if (!isJsonObject(value)) return [canonicalJson(value)];
  const others = isJsonObject(other) ? other : {};
  return Object.entries(value)
    .filter(([key, own]) => !sameJson(own, others[key] ?? null))
    .map(([key, own]) => describeValue(key, own));
}

/** The text of a file may be long, and may hold secrets of the host that no mask knows. */
function describeValue(key: string, value: Json): string {
  return key === 'content' && typeof value === 'string'
    ? `other content (${value.length} characters)`
    : `${key} ${canonicalJson(value)}`;
}

function describeChange({ kind, target, before, summary }: Change): string {
  return `${kind} ${target}${summary === undefined ? (before === null ? '' : ` (was ${canonicalJson(before)})`) : ` (${summary})`}`;
}
