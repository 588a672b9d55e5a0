import { CancellationScope, patched } from '@temporalio/workflow';

/**
 * Carries out work that a cancellation of the workflow on the server does not end, but stops, as Ctrl-C does: clusters in
 * progress are finished, and the result says how each of them is.
 * @param stop called when it is cancelled
 */
export async function stoppedByCancellation<T>(work: () => Promise<T>, stop: () => void): Promise<T> {
  const { cancelRequested } = CancellationScope.current();
  return CancellationScope.nonCancellable(() => {
    const scope = new CancellationScope();
    cancelRequested.catch(() => {
      // What an older kplay has cancelled, this one replays: there, it ended whatever was waited for.
      if (patched('cancellation-stops')) stop();
      else scope.cancel();
    });
    return scope.run(work);
  });
}
