import type { Event } from '../../core/events/event.ts';
import type { Signal } from '../../core/signal.ts';
import type { Environment } from '../environment.ts';
import { engineAddress } from './address.ts';
import { RolloutClient } from './rollout-client.ts';

/** Which server keeps a rollout, and as what. */
export interface RolloutPlace {
  /** As `--engine` has it. */
  readonly engine: string;
  readonly runId: string;
}

/** A rollout that goes on in a Temporal server, though nobody on this machine follows it any more. */
export interface KeptRollout {
  /** What it has told until now. */
  readonly events: readonly Event[];
  /** What was said to it. */
  readonly signals: readonly Signal[];
  /** Says something to it. */
  say(signal: Signal): Promise<void>;
}

/**
 * Does something with a rollout that a Temporal server keeps.
 * @param doing is given undefined when it has ended there. @throws {InputError} when the server, or a worker that knows the rollout, does not answer
 */
export async function withKeptRollout<T>(
  { engine, runId }: RolloutPlace,
  environment: Environment,
  doing: (rollout: KeptRollout | undefined) => T | Promise<T>,
): Promise<T> {
  const client = await RolloutClient.open(engineAddress(engine, environment));
  try {
    const view = await client.viewOf(runId);
    return await doing(view && { ...view, say: (signal) => client.say(runId, signal) });
  } finally {
    await client.close();
  }
}
