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

/** A rollout of which nobody on this machine follows any more what a Temporal server does with it. */
export type KeptRollout =
  | {
      readonly state: 'goes on';
      /** What it has told until now. */
      readonly events: readonly Event[];
      /** What was said to it. */
      readonly signals: readonly Signal[];
      /** Says something to it. */
      say(signal: Signal): Promise<void>;
    }
  | EndedRollout
  /** It was not begun there, or has been forgotten. */
  | { readonly state: 'unknown' };

/** One that has ended there. */
export interface EndedRollout {
  readonly state: 'ended';
  /** The server's word for how: `COMPLETED`. */
  readonly status: string;
  /** It has come to a result, and was not ended by somebody in the server. */
  readonly isResult: boolean;
}

/**
 * Does something with a rollout that a Temporal server keeps.
 * @throws {InputError} when the server does not answer, or no worker for one that goes on
 */
export async function withKeptRollout<T>(
  { engine, runId }: RolloutPlace,
  environment: Environment,
  doing: (rollout: KeptRollout) => T | Promise<T>,
): Promise<T> {
  const client = await RolloutClient.open(engineAddress(engine, environment));
  try {
    return await doing(await client.kept(runId));
  } finally {
    await client.close();
  }
}
