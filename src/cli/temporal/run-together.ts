import type { Worker } from '@temporalio/worker';

/** So often it is looked whether one has failed, and so long one that has may take to say why. */
const LOOK_MS = 500;
const SAYS_WITHIN_MS = 3_000;

/**
 * Runs workers that share a connection until all of them have ended: when one ends, the others are asked to. One that was made holds the
 * connection until it has run, so those that were made run to their end also where another could not be.
 * @param begun called when all of them are there. @throws the first that one of them has thrown; what follows from that is not told
 */
export async function runTogether(
  making: readonly (() => Promise<Pick<Worker, 'run' | 'shutdown' | 'getState'>>)[],
  begun: () => void,
): Promise<void> {
  const workers: Awaited<ReturnType<(typeof making)[number]>>[] = [];
  const failures: unknown[] = [];
  const blame = (error: unknown): void => void failures.push(error);
  const endAll = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  try {
    for (const make of making) workers.push(await make());
    begun();
  } catch (error) {
    blame(error);
  }
  const ended = workers.map((worker) => untilEnded(worker).catch(blame).finally(endAll));
  if (failures.length > 0) endAll();
  await Promise.all(ended);
  if (failures.length > 0) throw failures[0];
}

/** A worker has failed, and its SDK has not said why but in its log. */
export class SilentFailure extends Error {
  constructor() {
    super('a worker has failed: why stands in the log');
  }
}

/**
 * Until it has ended. One that the server gives nothing more has failed and never ends: the SDK then waits for answers to what it has
 * ceased to ask.
 */
async function untilEnded(worker: Pick<Worker, 'run' | 'getState'>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (worker.getState() !== 'FAILED') return;
      clearInterval(timer);
      timer = setTimeout(() => reject(new SilentFailure()), SAYS_WITHIN_MS);
    }, LOOK_MS);
  });
  try {
    await Promise.race([worker.run(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
