import type { FactRef } from '../core/fact.ts';
import { FactError } from '../core/fact.ts';
import type { ReadSession } from '../core/session.ts';
import { StepFailure } from '../core/step.ts';
import { World } from '../core/world.ts';

/** Questions may depend on answers; a chain longer than this is a mistake of a step. */
const MAX_ROUNDS = 6;

/** Asks a host for these facts, all in one message. */
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
    return world.set(ref, parse(ref, output));
  }, World.empty);
}

function parse(ref: FactRef, output: Parameters<FactRef['parse']>[0]): unknown {
  try {
    return ref.parse(output);
  } catch (error) {
    if (!(error instanceof FactError)) throw error;
    const details = output.stderr.trim() === '' ? [] : [['the host says', output.stderr.trim()] as const];
    throw new StepFailure(`${ref.name}: ${error.message}`, details, error.remedy);
  }
}

/**
 * Asks for everything that `needs` names, in as many rounds as its answers open new questions; usually one.
 * `known` is what need not be asked again.
 */
export async function observeNeeds(
  session: ReadSession,
  needs: (known: World) => readonly FactRef[],
  known: World = World.empty,
  signal?: AbortSignal,
): Promise<World> {
  let world = known;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const missing = needs(world).filter((ref) => !world.covers(ref));
    if (missing.length === 0) return world;
    world = world.merge(await observeFacts(session, missing, signal));
  }
  throw new Error(`the facts of ${session.host} lead to ever new ones`);
}
