import type { Environment } from '../environment.ts';
import { engineAddress } from './address.ts';
import { type KeptRollout, RolloutClient } from './rollout-client.ts';

/** Which server keeps a rollout, and as what. */
export interface RolloutPlace {
  /** As `--engine` has it. */
  readonly engine: string;
  readonly runId: string;
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
