import type { WorkflowHandle } from '@temporalio/client';
import { type RolloutView, VIEW_QUERY } from '../../fleet/temporal/orders.ts';
import { onAbort } from '../../transport/abort.ts';

/** How long a worker may take to replay a rollout's history and answer. */
const QUERY_MS = 30_000;

/**
 * Asks a worker for the events of a rollout after the first `received` ones.
 * @param abort ends the wait for an answer early
 * @throws {Error} gRPC's, also when no worker answers in time
 */
export async function eventsSince(
  handle: WorkflowHandle,
  received: number,
  { withinMs = QUERY_MS, abort }: { readonly withinMs?: number; readonly abort?: AbortSignal } = {},
): Promise<RolloutView> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), withinMs);
  const forget = onAbort(abort, () => over.abort());
  try {
    // The SDK heeds only a signal that is aborted later: with this one the question would have no end at all.
    over.signal.throwIfAborted();
    return await handle.client.withAbortSignal(over.signal, () =>
      handle.query<RolloutView, [number]>(VIEW_QUERY, received),
    );
  } finally {
    clearTimeout(timer);
    forget();
  }
}
