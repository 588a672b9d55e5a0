import type { ClusterRef } from '../../core/cluster.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { ReadSession } from '../../core/session.ts';
import type { Order } from '../../core/strategy.ts';
import { type ClusterPlay, clusterPlays } from '../clusters/clusters.ts';
import type { HostSessions } from '../hosts/host-sessions.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledPlay } from '../program/compiled.ts';
import { mayEverWrite, tasksOf } from '../program/play-tasks.ts';
import type { WalkEnd } from '../walk/request.ts';
import { nameOfOrder, serialOrder } from '../walk/serial.ts';
import { orderOf } from './chosen-order.ts';
import { clusterFacts } from './cluster-facts.ts';
import { describeHosts } from './describe-hosts.ts';
import { unreachableIn } from './expected-losses.ts';
import type { PlansByHost } from './host-task-plan.ts';
import { observeMissing, type PreparationTools } from './observe-missing.ts';
import { planInOrder } from './ordered-plan.ts';
import type { PlayPlanning } from './plan-driver.ts';
import { planPlay } from './plan-play.ts';
import type { PlannerInput } from './plan-task.ts';
import { reasonsOf } from './refusals.ts';
import { shownPlan } from './shown-plan.ts';

/** A play to be planned, without an order yet. */
export interface UnorderedPlay extends Omit<PlannerInput, 'order'> {
  /** The hosts that were in the run when the play began, reachable or not. */
  readonly initialHosts: ReadonlySet<string>;
  /** The run has further clusters. */
  readonly isPart: boolean;
}

/** The part of a play for one cluster, observed, ordered and planned. */
export interface PreparedPlay {
  /** Absent if all hosts of the run belong to one cluster. */
  readonly cluster?: ClusterRef;
  readonly input: PlannerInput;
  readonly order: Order;
  readonly plans: PlansByHost;
  readonly shown: PlayPlan;
  /** The hosts before the play, without those lost in the meantime. */
  readonly states: ReadonlyMap<string, HostState>;
  /** Hosts whose errors the play clears (`clear_host_errors`). */
  readonly cleared: ReadonlySet<string>;
  /** How the run ends according to this plan. */
  readonly end: WalkEnd;
  /** Hosts that the run does not start, because no host of an earlier batch succeeds. They are not shown. */
  readonly notStarted: ReadonlySet<string>;
  /** Unreachable hosts that reach a task which does not ignore that. */
  readonly unreachable: readonly string[];
  /** The hosts as they will be after the play. */
  readonly after: ReadonlyMap<string, HostState>;
}

/** The part of a play for one cluster that is refused as a whole. `states` contains its hosts, without those that were lost. */
export interface RefusedPlay {
  readonly cluster?: ClusterRef;
  readonly refusal: RefusePlan;
  readonly states: ReadonlyMap<string, HostState>;
}

/**
 * Observes the hosts of a play until their clusters are known and no plan is missing a fact, then chooses an order for each
 * cluster and plans it. Planning itself finds the facts to read: on empty worlds it names all of them at once.
 */
export async function preparePlay(
  base: UnorderedPlay,
  initial: ReadonlyMap<string, HostState>,
  sessions: ReadonlyMap<string, HostSessions<ReadSession>>,
  tools: PreparationTools,
): Promise<readonly (PreparedPlay | RefusedPlay)[]> {
  const states = new Map(initial);
  // There is no order yet: the facts that strategies and clusters depend on have to be observed first.
  const plan = () =>
    clusterPlays(base.play, states, base.isPart).map((part) => ({
      part,
      states: part.states,
      planning: planUnordered(base, part),
    }));
  const planned = await observeMissing(base, states, plan, sessions, tools);
  const prepared: (PreparedPlay | RefusedPlay)[] = [];
  for (const { part, planning } of planned) prepared.push(await prepareCluster(base, part, planning, sessions, tools));
  return prepared;
}

/**
 * Without a strategy this is the plan of a cluster; with a strategy it is a first plan that finds the missing facts. It covers
 * all batches.
 */
function planUnordered(base: UnorderedPlay, { play, states }: ClusterPlay): PlayPlanning {
  const input = { ...base, play, order: nameOfOrder(play) };
  if (play.strategy) return planPlay(input, states);
  return planInOrder(input, { ...serialOrder([...states.keys()], play), endsBehindLostBatch: false }, states);
}

/** Whether the first plan of a cluster is final: neither a strategy nor a lost batch can change it. */
function isFinal(first: PlayPlanning, play: CompiledPlay, initialHosts: ReadonlySet<string>): boolean {
  if (play.strategy) return false;
  if (play.serial === undefined) return true;
  const begun = play.hosts.filter(({ host }) => initialHosts.has(host.name));
  return first.plans.size === begun.length && reasonsOf(first.plans).size === 0;
}

/** @param first a plan without missing facts */
async function prepareCluster(
  base: UnorderedPlay,
  { play, cluster, states: known, refusal }: ClusterPlay,
  first: PlayPlanning,
  sessions: ReadonlyMap<string, HostSessions<ReadSession>>,
  tools: PreparationTools,
): Promise<PreparedPlay | RefusedPlay> {
  const named = cluster && { cluster };
  const states = new Map(known);
  // A play that only observes is warned instead of refused.
  if (refusal && tasksOf(play).some(mayEverWrite)) return { ...named, refusal, states };
  if (refusal) warnOf(refusal, states, tools);
  let order: Order | RefusePlan;
  let planning: PlayPlanning;
  let observed: number;
  do {
    observed = states.size;
    order = orderOf(play, states, base.initialHosts, base.now);
    if ('action' in order) return { ...named, refusal: order, states };
    const chosen = order;
    const input = { ...base, play, order: chosen.name };
    const plan = () => [{ states, planning: planInOrder(input, chosen, states) }];
    planning = isFinal(first, play, base.initialHosts)
      ? first
      : ((await observeMissing(input, states, plan, sessions, tools))[0]?.planning ?? first);
    // A host that was lost in the meantime is no longer in the order, so another one is chosen.
  } while (states.size !== observed);
  const input = { ...base, play, order: order.name };
  const { plans, states: after, cleared, end, notStarted } = planning;
  // The strategy may refuse to go on without the refused hosts.
  const refused = reasonsOf(plans);
  const reordered = refused.size > 0 ? orderOf(play, states, base.initialHosts, base.now, refused) : order;
  if ('action' in reordered) return { ...named, refusal: reordered, states };
  const { name, reason, batches } = order;
  const started = new Map([...plans].filter(([host]) => !notStarted.has(host)));
  const shown = shownPlan(play, { name, reason, batches }, started, describeHosts(play, started, states));
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
    unreachable: unreachableIn(plans, tasksOf(play)),
    shown: { ...shown, ...named, ...(facts && { facts }) },
  };
}

function warnOf(
  { code, reason, remedy }: RefusePlan,
  states: ReadonlyMap<string, HostState>,
  { emit }: PreparationTools,
): void {
  emit({ type: 'warning', hosts: [...states.keys()], message: reason, remedy, code });
}
