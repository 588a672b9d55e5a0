import type { Worker } from '@temporalio/worker';

/** How often to check whether a worker has failed, and how long a failed one may take to say why. */
const POLL_MS = 500;
const REASON_WITHIN_MS = 3_000;

/**
 * Runs workers that share a connection until all have ended; when one ends, the others are asked to. A created worker holds the connection
 * until it has run, so those that were created run to their end even if another could not be.
 * @param onStarted called when all are running. @throws the first error of a worker; errors that follow from it are not reported
 */
export async function runTogether(
  making: readonly (() => Promise<Pick<Worker, 'run' | 'shutdown' | 'getState'>>)[],
  onStarted: () => void,
): Promise<void> {
  const workers: Awaited<ReturnType<(typeof making)[number]>>[] = [];
  const failures: unknown[] = [];
  const blame = (error: unknown): void => void failures.push(error);
  const endAll = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  try {
    for (const make of making) workers.push(await make());
    onStarted();
  } catch (error) {
    blame(error);
  }
  const ended = workers.map((worker) => untilEnded(worker).catch(blame).finally(endAll));
  if (failures.length > 0) endAll();
  await Promise.all(ended);
  if (failures.length > 0) throw failures[0];
}

/** A worker has failed and its SDK has reported the reason only in its log. */
export class SilentFailure extends Error {
  constructor() {
    super('a worker has failed: why stands in the log');
  }
}

/**
 * Waits for the end of a worker. One that the server rejects fails but never ends: the SDK waits for answers to requests that it has
 * stopped sending.
 */
async function untilEnded(worker: Pick<Worker, 'run' | 'getState'>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (worker.getState() !== 'FAILED') return;
      clearInterval(timer);
      timer = setTimeout(() => reject(new SilentFailure()), REASON_WITHIN_MS);
    }, POLL_MS);
  });
  try {
    await Promise.race([worker.run(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
