import { forEachLimited } from '../../core/limited.ts';
import { type ReadSession, UnreachableError } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { hostLock } from '../../facts/host/host-lock.ts';
import type { Delegates } from '../hosts/delegates.ts';
import { reportUnobservableOrRethrow, warnUnreachableOrRethrow } from '../hosts/dropout.ts';
import { type HostSessions, strongest } from '../hosts/host-sessions.ts';
import { type HostState, unreachableState } from '../hosts/host-state.ts';
import { type HostWaitTools, STILL_RESTORING, waitUntilReleased } from '../hosts/host-wait.ts';
import { MAX_ROUNDS, observeQuestions, type Question } from '../hosts/observe.ts';
import { peersOf } from '../hosts/peers.ts';
import type { PlayPlanning } from './plan-driver.ts';
import type { PlannerInput } from './plan-task.ts';

/** What preparing a play needs. */
export interface PreparationTools extends HostWaitTools {
  readonly forks: number;
  readonly delegates: Delegates<ReadSession>;
  /** A host that is lost in the meantime may go on (`ignore_unreachable`). */
  readonly ignoresUnreachable: boolean;
}

/** The plan of some hosts, with the states that it was made from. */
interface Planned {
  readonly states: ReadonlyMap<string, HostState>;
  readonly planning: PlayPlanning;
}

/**
 * Plans and observes in turn until no plan is missing a fact. Updates `states`, and removes lost hosts.
 * @throws the reason of `stop` instead of observing further hosts
 */
export async function observeMissing<P extends Planned>(
  { play, now }: Pick<PlannerInput, 'play' | 'now'>,
  states: Map<string, HostState>,
  plan: () => readonly P[],
  sessions: ReadonlyMap<string, HostSessions<ReadSession>>,
  tools: PreparationTools,
): Promise<readonly P[]> {
  for (let round = 0; ; round += 1) {
    const planned = plan();
    const absent = new Set(planned.flatMap(({ planning }) => [...planning.absent]));
    if (absent.size > 0) {
      await tools.delegates.connect(absent);
      continue;
    }
    const hostQuestions = planned
      .flatMap(({ states: known, planning: { missing } }) =>
        [...known].map(
          ([name, state]) =>
            [name, openQuestions({ play, now }, state, peersOf(known, name), missing.get(name) ?? [])] as const,
        ),
      )
      .filter(([, list]) => list.length > 0);
    const ofDelegates = delegateQuestions(planned);
    if (hostQuestions.length + ofDelegates.size === 0) return planned;
    if (round === MAX_ROUNDS) throw new Error(`the facts of ${hostQuestions[0]?.[0]} keep asking for further facts`);
    await forEachLimited([...ofDelegates], tools.forks, async ([name, list]) => {
      tools.stop.throwIfAborted();
      await observeDelegate(name, list, tools);
    });
    await forEachLimited(hostQuestions, tools.forks, async ([name, list]) => {
      tools.stop.throwIfAborted();
      await observeHost(name, list, states, sessions, tools);
    });
  }
}

/** The facts to be read from delegates; each host once, even if the plans of several clusters need it. */
function delegateQuestions(planned: readonly Planned[]): ReadonlyMap<string, readonly Question[]> {
  const byHost = new Map<string, readonly Question[]>();
  for (const { states, planning } of planned)
    for (const [name, list] of planning.missing)
      if (!states.has(name)) byHost.set(name, [...(byHost.get(name) ?? []), ...list]);
  return byHost;
}

async function observeDelegate(name: string, questions: readonly Question[], tools: PreparationTools): Promise<void> {
  const { delegates, emit } = tools;
  const state = delegates.find(name);
  const own = delegates.sessionsOf(name);
  if (!own || state === undefined || state === 'lost') throw new Error(`no session to ${name}`);
  try {
    delegates.update(name, await observeQuestions(own, state, questions, tools));
  } catch (error) {
    reportUnobservableOrRethrow(name, error, emit);
    delegates.update(name, 'lost');
  }
}

/** The facts that a host has still to be asked for: those that its plans miss, and those of the strategy. */
function openQuestions(
  { play: { strategy, become }, now }: Pick<PlannerInput, 'play' | 'now'>,
  { world, info }: HostState,
  peers: ReadonlyMap<string, World>,
  missing: readonly Question[],
): readonly Question[] {
  const wanted = strategy?.needs(world, info, { now, peers }) ?? [];
  return [...missing, ...wanted.filter((ref) => !world.covers(ref)).map((ref) => ({ ref, become }))];
}

async function observeHost(
  name: string,
  questions: readonly Question[],
  states: Map<string, HostState>,
  sessions: ReadonlyMap<string, HostSessions<ReadSession>>,
  tools: PreparationTools,
): Promise<void> {
  const state = states.get(name);
  const own = sessions.get(name);
  if (!state || !own) throw new Error(`no session to ${name}`);
  const { emit, clock } = tools;
  const started = clock().getTime();
  emit({ type: 'host-observing', host: name });
  try {
    states.set(name, await observeWhenReleased(own, state, questions, tools));
    emit({
      type: 'host-observed',
      host: name,
      facts: new Set(questions.map(({ ref }) => ref.key)).size,
      elapsedMs: clock().getTime() - started,
    });
  } catch (error) {
    if (error instanceof UnreachableError && tools.ignoresUnreachable)
      return void states.set(name, unreachableState(state, warnUnreachableOrRethrow(name, error, emit)));
    reportUnobservableOrRethrow(name, error, emit);
    states.delete(name);
  }
}

/** Observes a host. If it is restoring itself, waits for that first; its lock is read along with the first facts. */
async function observeWhenReleased(
  sessions: HostSessions<ReadSession>,
  state: HostState,
  questions: readonly Question[],
  tools: PreparationTools,
): Promise<HostState> {
  if (state.world.covers(hostLock)) return observeQuestions(sessions, state, questions, tools);
  const first = { ref: hostLock, become: strongest(questions.map(({ become }) => become)) };
  let observed = state;
  const readHolder = async () => {
    observed = await observeQuestions(sessions, state, [first, ...questions], tools);
    return observed.world.get(hostLock) ?? undefined;
  };
  const holder = await waitUntilReleased(sessions.host, readHolder, tools);
  if (holder?.kind !== 'host') return observed;
  throw StepFailure.refused(STILL_RESTORING);
}
