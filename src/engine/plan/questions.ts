import { type ReadSession, UnreachableError } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { hostLock } from '../../facts/host/host-lock.ts';
import type { Delegates } from '../hosts/delegates.ts';
import { reportUnseen, whyAway } from '../hosts/dropout.ts';
import { type HostSessions, strongest } from '../hosts/host-sessions.ts';
import { awayState, type HostState } from '../hosts/host-state.ts';
import { type HostWaitTools, STILL_BUSY, untilLeft } from '../hosts/host-wait.ts';
import { forEachLimited } from '../hosts/limited.ts';
import { lookAt, MAX_ROUNDS, type Question } from '../hosts/observe.ts';
import { peersOf } from '../hosts/peers.ts';
import type { PlayPlanning } from './plan-play.ts';
import type { PlannerInput } from './plan-task.ts';

/** What preparing a play needs of the run. */
export interface PreparationTools extends HostWaitTools {
  readonly forks: number;
  readonly delegates: Delegates<ReadSession>;
  /** A host that is lost meanwhile may go on (`ignore_unreachable`). */
  readonly ignoresUnreachable: boolean;
}

/** The plan of some hosts, and what they were known to be when it was made. */
interface Planned {
  readonly states: ReadonlyMap<string, HostState>;
  readonly planning: PlayPlanning;
}

/** Plans and observes in turn until no plan has an open question. Updates `states`, and removes hosts that were lost. */
export async function askAll<P extends Planned>(
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
    const asked = planned
      .flatMap(({ states: known, planning: { missing } }) =>
        [...known].map(
          ([name, state]) =>
            [name, questionsOf({ play, now }, state, peersOf(known, name), missing.get(name) ?? [])] as const,
        ),
      )
      .filter(([, list]) => list.length > 0);
    const elsewhere = questionsElsewhere(planned);
    if (asked.length + elsewhere.size === 0) return planned;
    if (round === MAX_ROUNDS) throw new Error(`the facts of ${asked[0]?.[0]} keep asking for further facts`);
    await forEachLimited([...elsewhere], tools.forks, ([name, list]) => askDelegate(name, list, tools));
    await forEachLimited(asked, tools.forks, ([name, list]) => ask(name, list, states, sessions, tools));
  }
}

/** What is to be asked of hosts to which tasks are delegated; of several clusters' plans, each host once. */
function questionsElsewhere(planned: readonly Planned[]): ReadonlyMap<string, readonly Question[]> {
  const elsewhere = new Map<string, readonly Question[]>();
  for (const { states, planning } of planned)
    for (const [name, list] of planning.missing)
      if (!states.has(name)) elsewhere.set(name, [...(elsewhere.get(name) ?? []), ...list]);
  return elsewhere;
}

async function askDelegate(name: string, questions: readonly Question[], tools: PreparationTools): Promise<void> {
  const { delegates, emit } = tools;
  const state = delegates.find(name);
  const own = delegates.sessionsOf(name);
  if (!own || state === undefined || state === 'lost') throw new Error(`no session to ${name}`);
  try {
    delegates.see(name, await lookAt(own, state, questions, tools));
  } catch (error) {
    reportUnseen(name, error, emit);
    delegates.see(name, 'lost');
  }
}

function questionsOf(
  { play: { strategy, become }, now }: Pick<PlannerInput, 'play' | 'now'>,
  { world, info }: HostState,
  peers: ReadonlyMap<string, World>,
  missing: readonly Question[],
): readonly Question[] {
  const wanted = strategy?.needs(world, info, { now, peers }) ?? [];
  return [...missing, ...wanted.filter((ref) => !world.covers(ref)).map((ref) => ({ ref, become }))];
}

async function ask(
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
  try {
    states.set(name, await lookWhenLeft(own, state, questions, tools));
    emit({
      type: 'host-observed',
      host: name,
      facts: new Set(questions.map(({ ref }) => ref.key)).size,
      elapsedMs: clock().getTime() - started,
    });
  } catch (error) {
    if (error instanceof UnreachableError && tools.ignoresUnreachable)
      return void states.set(name, awayState(state, whyAway(name, error, emit)));
    reportUnseen(name, error, emit);
    states.delete(name);
  }
}

/** Observes a host, after waiting until it has restored itself where it is doing that. Its lock is read with the first questions. */
async function lookWhenLeft(
  sessions: HostSessions<ReadSession>,
  state: HostState,
  questions: readonly Question[],
  tools: PreparationTools,
): Promise<HostState> {
  if (state.world.covers(hostLock)) return lookAt(sessions, state, questions, tools);
  const first = { ref: hostLock, become: strongest(questions.map(({ become }) => become)) };
  let seen = state;
  const look = async () => {
    seen = await lookAt(sessions, state, [first, ...questions], tools);
    return seen.world.get(hostLock) ?? undefined;
  };
  const holder = await untilLeft(sessions.host, look, tools);
  if (holder?.kind !== 'host') return seen;
  throw new StepFailure(STILL_BUSY.code, STILL_BUSY.reason, [], STILL_BUSY.remedy);
}
