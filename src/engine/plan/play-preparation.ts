import type { ClusterRef } from '../../core/cluster.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { ReadSession } from '../../core/session.ts';
import type { Order } from '../../core/strategy.ts';
import { type ClusterPlay, clusterPlays } from '../clusters/clusters.ts';
import type { HostSessions } from '../hosts/host-sessions.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledPlay } from '../program/compiled.ts';
import { tasksOf } from '../program/play-tasks.ts';
import type { WalkEnd } from '../walk/request.ts';
import { nameOfOrder, serialOrder } from '../walk/serial.ts';
import { aboutHosts, unreachedIn } from './about-hosts.ts';
import { orderOf } from './chosen-order.ts';
import { clusterFacts } from './cluster-facts.ts';
import { planInOrder } from './ordered-plan.ts';
import { type PlayPlanning, planPlay } from './plan-play.ts';
import type { PlannedPlay, PlannerInput } from './plan-task.ts';
import { askAll, type PreparationTools } from './questions.ts';
import { reasonsOf } from './refusals.ts';
import { showPlan } from './show-plan.ts';

/** A play that is to be planned before it has an order. */
export interface UnorderedPlay extends Omit<PlannerInput, 'order'> {
  /** The hosts that were in the run when the play began, reached or not. */
  readonly beginning: ReadonlySet<string>;
}

/** The part of a play that is about one cluster, observed, ordered and planned. */
export interface PreparedPlay {
  /** Absent where the play has hosts of one cluster only. */
  readonly cluster?: ClusterRef;
  readonly input: PlannerInput;
  readonly order: Order;
  readonly plans: PlannedPlay;
  readonly shown: PlayPlan;
  /** The hosts as they are before the play, without those that were lost meanwhile. */
  readonly states: ReadonlyMap<string, HostState>;
  /** Hosts whose errors the play clears (`clear_host_errors`). */
  readonly cleared: ReadonlySet<string>;
  /** How the run ends by this plan. */
  readonly end: WalkEnd;
  /** Hosts that the run does not begin, because it ends behind a batch of which no host comes through. They are not shown. */
  readonly notStarted: ReadonlySet<string>;
  /** Hosts that cannot be reached, and come to a task that does not ignore it. */
  readonly unreached: readonly string[];
  /** The hosts as they will be after the play. */
  readonly after: ReadonlyMap<string, HostState>;
}

/** The part of a play about one cluster, when that is refused as a whole. `states` has its hosts, without those that were lost. */
export interface RefusedPlay {
  readonly cluster?: ClusterRef;
  readonly refusal: RefusePlan;
  readonly states: ReadonlyMap<string, HostState>;
}

/**
 * Observes the hosts of a play until their clusters are known and its plans have no open question, then chooses an order for each cluster
 * and plans it. Planning itself finds the questions: on worlds that know nothing it names all of them at once.
 */
export async function preparePlay(
  base: UnorderedPlay,
  initial: ReadonlyMap<string, HostState>,
  sessions: ReadonlyMap<string, HostSessions<ReadSession>>,
  tools: PreparationTools,
): Promise<readonly (PreparedPlay | RefusedPlay)[]> {
  const states = new Map(initial);
  // There is no order yet: what strategies choose it by, and what tells clusters apart, has to be observed first.
  const plan = () =>
    clusterPlays(base.play, states).map((part) => ({ part, states: part.states, planning: planUnordered(base, part) }));
  const planned = await askAll(base, states, plan, sessions, tools);
  const prepared: (PreparedPlay | RefusedPlay)[] = [];
  for (const { part, planning } of planned) prepared.push(await prepareCluster(base, part, planning, sessions, tools));
  return prepared;
}

/** The plan of a cluster without a strategy; for one with a strategy a first plan, which finds its questions. It goes to the last batch. */
function planUnordered(base: UnorderedPlay, { play, states }: ClusterPlay): PlayPlanning {
  const input = { ...base, play, order: nameOfOrder(play) };
  if (play.strategy) return planPlay(input, states);
  return planInOrder(input, { ...serialOrder([...states.keys()], play), endsBehindLostBatch: false }, states);
}

/** Whether the plan that found the questions of a cluster is its plan: neither a strategy nor a batch that may be lost has a say in it. */
function isFinal(first: PlayPlanning, play: CompiledPlay, beginning: ReadonlySet<string>): boolean {
  if (play.strategy) return false;
  if (play.serial === undefined) return true;
  const begun = play.hosts.filter(({ host }) => beginning.has(host.name));
  return first.plans.size === begun.length && reasonsOf(first.plans).size === 0;
}

/** @param first a plan that has no open question */
async function prepareCluster(
  base: UnorderedPlay,
  { play, cluster, states: known, refusal }: ClusterPlay,
  first: PlayPlanning,
  sessions: ReadonlyMap<string, HostSessions<ReadSession>>,
  tools: PreparationTools,
): Promise<PreparedPlay | RefusedPlay> {
  const named = cluster && { cluster };
  const states = new Map(known);
  if (refusal && mayWrite(play)) return { ...named, refusal, states };
  if (refusal) warnOf(refusal, states, tools);
  let order: Order | RefusePlan;
  let planning: PlayPlanning;
  let seen: number;
  do {
    seen = states.size;
    order = orderOf(play, states, base.beginning, base.now);
    if ('action' in order) return { ...named, refusal: order, states };
    const chosen = order;
    const input = { ...base, play, order: chosen.name };
    const plan = () => [{ states, planning: planInOrder(input, chosen, states) }];
    planning = isFinal(first, play, base.beginning)
      ? first
      : ((await askAll(input, states, plan, sessions, tools))[0]?.planning ?? first);
    // A host that was lost meanwhile is not in the order any more, so another one is chosen.
  } while (states.size !== seen);
  const input = { ...base, play, order: order.name };
  const { plans, states: after, cleared, end, notStarted } = planning;
  // The strategy may refuse to go on without the hosts that are refused.
  const refused = reasonsOf(plans);
  const again = refused.size > 0 ? orderOf(play, states, base.beginning, base.now, refused) : order;
  if ('action' in again) return { ...named, refusal: again, states };
  const { name, reason, batches } = order;
  const begun = new Map([...plans].filter(([host]) => !notStarted.has(host)));
  const shown = showPlan(play, { name, reason, batches }, begun, aboutHosts(play, begun, states));
  const facts = clusterFacts(states, base.now);
  return {
    ...named,
    input,
    order,
    plans,
    states,
    after,
    cleared,
    end,
    notStarted,
    unreached: unreachedIn(plans, tasksOf(play)),
    shown: { ...shown, ...named, ...(facts && { facts }) },
  };
}

/** Whether a play may change anything. One that only looks is not refused, but warned. */
function mayWrite(play: CompiledPlay): boolean {
  return tasksOf(play).some(({ step, changesNothing }) => step.apply !== undefined && !changesNothing);
}

function warnOf(
  { code, reason, remedy }: RefusePlan,
  states: ReadonlyMap<string, HostState>,
  { emit }: PreparationTools,
): void {
  emit({ type: 'warning', hosts: [...states.keys()], message: reason, remedy, code });
}
