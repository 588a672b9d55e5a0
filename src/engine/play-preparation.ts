import { isIP } from 'node:net';
import type { EventSink, PlayPlan } from '../core/event.ts';
import type { FactRef } from '../core/fact.ts';
import type { RefusePlan } from '../core/plan.ts';
import type { ReadSession } from '../core/session.ts';
import type { HostInfo } from '../core/step.ts';
import type { Order } from '../core/strategy.ts';
import { World } from '../core/world.ts';
import type { CompiledHost, CompiledPlay } from './compile.ts';
import { reportUnseen } from './dropout.ts';
import { forEachLimited } from './limited.ts';
import { linearOrder } from './linear.ts';
import { observeFacts } from './observe.ts';
import { type HostState, type PlannedPlay, type PlannerInput, planPlay, showPlan } from './planner.ts';
import type { Registered } from './task-input.ts';

/** Answers may lead to further questions; a chain longer than this is a mistake of a step. */
const MAX_ROUNDS = 6;

export interface PreparationTools {
  readonly emit: EventSink;
  readonly clock: () => Date;
  readonly forks: number;
  readonly abort: AbortSignal;
}

export interface PreparedPlay {
  readonly input: PlannerInput;
  readonly order: Order;
  readonly plans: PlannedPlay;
  readonly shown: PlayPlan;
  /** Before the play. Hosts that were lost while they were looked at are not among them. */
  readonly states: ReadonlyMap<string, HostState>;
  /** As the plan says that they will be. */
  readonly after: ReadonlyMap<string, HostState>;
}

/** What is known of a host before anything was asked. */
export function unseenState(compiled: CompiledHost, registered: Registered, clock: () => Date): HostState {
  return { compiled, info: infoOf(compiled), world: World.empty, observedAt: clock(), registered };
}

function infoOf({ host, vars }: CompiledHost): HostInfo {
  const address = vars.get('ansible_host');
  const literal = address?.kind === 'constant' && typeof address.value === 'string' ? address.value : host.name;
  return { name: host.name, groups: host.groups, ...(isIP(literal) !== 0 && { address: literal }) };
}

/**
 * Looks at the hosts of a play until every question that its plans have is answered, chooses its order, and plans it.
 * Planning is what finds the questions: on worlds that know nothing it names all of them at once.
 */
export async function preparePlay(
  base: Omit<PlannerInput, 'order'>,
  initial: ReadonlyMap<string, HostState>,
  sessions: ReadonlyMap<string, ReadSession>,
  tools: PreparationTools,
): Promise<PreparedPlay | RefusePlan> {
  const { play } = base;
  const states = new Map(initial);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { missing } = planPlay({ ...base, order: 'linear' }, states);
    const questions = new Map(
      [...states].map(([name, state]) => [name, questionsOf(play, state, missing.get(name) ?? [])]),
    );
    const asked = [...questions].filter(([, refs]) => refs.length > 0);
    if (asked.length === 0) break;
    await forEachLimited(asked, tools.forks, ([name, refs]) => lookAt(name, refs, states, sessions, tools));
  }
  const order = orderOf(play, states, base.now);
  if ('action' in order) return order;
  const input = { ...base, order: order.name };
  const { plans, states: after } = planPlay(input, states);
  const { name, reason, batches } = order;
  return {
    input,
    order,
    plans,
    states,
    after,
    shown: showPlan(play, { name, reason, batches }, plans, aboutHosts(play, states)),
  };
}

function questionsOf(
  { strategy }: CompiledPlay,
  { world, info }: HostState,
  missing: readonly FactRef[],
): readonly FactRef[] {
  const wanted = strategy?.needs(world, info) ?? [];
  const all = [...missing, ...wanted.filter((ref) => !world.covers(ref))];
  return [...new Map(all.map((ref) => [ref.key, ref])).values()];
}

async function lookAt(
  name: string,
  refs: readonly FactRef[],
  states: Map<string, HostState>,
  sessions: ReadonlyMap<string, ReadSession>,
  { emit, clock, abort }: PreparationTools,
): Promise<void> {
  const state = states.get(name);
  const session = sessions.get(name);
  if (!state || !session) throw new Error(`no session to ${name}`);
  const started = clock().getTime();
  try {
    const world = state.world.merge(await observeFacts(session, refs, abort));
    states.set(name, { ...state, world, observedAt: clock() });
    emit({ type: 'host-observed', host: name, facts: refs.length, elapsedMs: clock().getTime() - started });
  } catch (error) {
    reportUnseen(name, error, emit);
    states.delete(name);
  }
}

function orderOf(play: CompiledPlay, states: ReadonlyMap<string, HostState>, now: Date): Order | RefusePlan {
  if (!play.strategy || states.size === 0) return linearOrder([...states.keys()], play.serial);
  const worlds = new Map([...states].map(([name, { world }]) => [name, world]));
  return play.strategy.order(worlds, { now, ...(play.forcedOrder !== undefined && { forced: play.forcedOrder }) });
}

/** What the first task that has something to say about a host says of it. */
function aboutHosts(play: CompiledPlay, states: ReadonlyMap<string, HostState>): ReadonlyMap<string, string> {
  const about = new Map<string, string>();
  for (const [name, { world }] of states) {
    for (const { step } of play.tasks) {
      const text = describe(() => step.describeHost?.({}, world));
      if (text === undefined) continue;
      about.set(name, text);
      break;
    }
  }
  return about;
}

/** Whatever a step would need to describe a host may be unknown; then nothing is said. */
function describe(work: () => string | undefined): string | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
