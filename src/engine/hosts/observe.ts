import type { FactRef } from '../../core/fact.ts';
import { FactError } from '../../core/fact.ts';
import type { ProbeOutput } from '../../core/probe.ts';
import { printed } from '../../core/program-output.ts';
import { type BecomeChoice, MAX_OUTPUT_BYTES, type ReadSession } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';
import { World } from '../../core/world.ts';
import { type HostSessions, strongest } from './host-sessions.ts';
import type { HostState } from './host-state.ts';

/** One fact may lead to the next; a longer chain than this is a bug of a step. */
export const MAX_ROUNDS = 10;

/** What observing needs. */
export interface ObserveTools {
  readonly clock: () => Date;
  readonly abort: AbortSignal;
}

/**
 * Reads these facts from a host, all in one message.
 * @throws {StepFailure} when an answer cannot be parsed or is too long
 * @throws {UnreachableError} when the connection is lost
 */
export async function observeFacts(
  session: ReadSession,
  refs: readonly FactRef[],
  signal?: AbortSignal,
): Promise<World> {
  const unique = [...new Map(refs.map((ref) => [ref.key, ref])).values()];
  if (unique.length === 0) return World.empty;
  const outputs = await session.observe(
    unique.map((ref) => ref.probe()),
    signal ? { signal } : {},
  );
  return unique.reduce((world, ref, index) => {
    const output = outputs[index];
    if (!output) throw new Error(`${session.host} answered ${outputs.length} of ${unique.length} probes`);
    if (output.truncated) throw tooLong(ref);
    return world.set(ref, parsedValue(session, ref, output));
  }, World.empty);
}

/** A truncated answer is refused: what is missing would look as if it did not exist on the host. */
function tooLong({ name, ifTooLong }: FactRef): StepFailure {
  return new StepFailure(
    'answer-unusable',
    `${name}: the answer of the host is longer than ${MAX_OUTPUT_BYTES / 1_048_576} MiB, and was not read completely`,
    { remedy: ifTooLong ?? 'look on the host for what there is unusually much of' },
  );
}

interface Answer {
  readonly output: ProbeOutput;
  readonly value: unknown;
}

/** The last answer to each fact of a host, with its parsed value: many answers repeat, especially while polling. */
const answers = new WeakMap<ReadSession, Map<string, Answer>>();

/** The value of an answer. Parsers are pure, so an unchanged answer is not parsed again. */
function parsedValue(session: ReadSession, ref: FactRef, output: ProbeOutput): unknown {
  if (output.dials.length > 0) return parse(ref, output);
  const known = answers.get(session) ?? new Map<string, Answer>();
  answers.set(session, known);
  const last = known.get(ref.key);
  if (last && isSame(last.output, output)) return last.value;
  const value = parse(ref, output);
  known.set(ref.key, { output, value });
  return value;
}

function isSame(one: ProbeOutput, other: ProbeOutput): boolean {
  return one.stdout === other.stdout && one.stderr === other.stderr && one.exitCode === other.exitCode;
}

function parse(ref: FactRef, output: Parameters<FactRef['parse']>[0]): unknown {
  try {
    return ref.parse(output);
  } catch (error) {
    if (!(error instanceof FactError)) throw error;
    const details = printed(output.stderr, 'the host says');
    throw new StepFailure('answer-unusable', `${ref.name}: ${error.message}`, { details, remedy: error.remedy });
  }
}

/** A fact to be read, with its `become`. */
export interface Question {
  readonly ref: FactRef;
  readonly become: BecomeChoice;
}

/** Reads these facts, each with the most privileges that any question has. @returns the state with the new values */
export async function observeQuestions(
  sessions: HostSessions<ReadSession>,
  state: HostState,
  questions: readonly Question[],
  { abort, clock }: ObserveTools,
): Promise<HostState> {
  let { world } = state;
  const observedAt = new Map(state.observedAt);
  for (const [become, refs] of byRights(questions)) {
    world = world.merge(await observeFacts(sessions.as(become), refs, abort));
    const now = clock();
    for (const { key } of refs) observedAt.set(key, now);
  }
  return { ...state, world, observedAt };
}

/** Each fact once, under its most privileged `become`. */
function byRights(questions: readonly Question[]): ReadonlyMap<BecomeChoice, readonly FactRef[]> {
  const groups = new Map<BecomeChoice, FactRef[]>();
  for (const ref of new Map(questions.map((question) => [question.ref.key, question.ref])).values()) {
    const way = strongest(questions.filter((question) => question.ref.key === ref.key).map(({ become }) => become));
    groups.set(way, [...(groups.get(way) ?? []), ref]);
  }
  return groups;
}

/**
 * Reads facts from a host until everything that `needs` names is known: usually in one round, in more if an answer leads to
 * further facts.
 * @param known what need not be read again; default: nothing
 * @returns the state with the new values
 */
export async function observeNeeds(
  sessions: HostSessions<ReadSession>,
  state: HostState,
  needs: (known: World) => readonly Question[],
  tools: ObserveTools,
  known: World = World.empty,
): Promise<HostState> {
  let observed: HostState = { ...state, world: known };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const missing = needs(observed.world).filter(({ ref }) => !observed.world.covers(ref));
    if (missing.length === 0) return { ...observed, world: state.world.merge(observed.world) };
    observed = await observeQuestions(sessions, observed, missing, tools);
  }
  throw new Error(`the facts of ${sessions.host} keep asking for further facts`);
}
