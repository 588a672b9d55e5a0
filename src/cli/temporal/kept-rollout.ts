import type { Environment } from '../environment.ts';
import { engineAddress } from './address.ts';
import { type KeptRollout, RolloutClient } from './rollout-client.ts';

/** The server that keeps a rollout, and the run id. */
export interface RolloutPlace {
  /** The value of `--engine`. */
  readonly engine: string;
  readonly runId: string;
}

/**
 * Calls `action` with a rollout that a Temporal server keeps.
 * @throws {InputError} when the server does not answer
 */
export async function withKeptRollout<T>(
  { engine, runId }: RolloutPlace,
  environment: Environment,
  action: (rollout: KeptRollout) => T | Promise<T>,
): Promise<T> {
  const client = await RolloutClient.open({ ...engineAddress(engine, environment), isRecorded: true });
  try {
    return await action(await client.kept(runId));
  } finally {
    await client.close();
  }
}
