import type { EventSink } from '../../core/events/event.ts';
import type { HostHolder } from '../../facts/host-lock.ts';

export interface HostWaitTools {
  readonly emit: EventSink;
  readonly clock: () => Date;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly abort: AbortSignal;
  /** Aborted when nothing new is to be begun: it is no longer waited for then. */
  readonly stop: AbortSignal;
  /** Whether a run that holds a lock under this name has ended, as far as this machine can tell. */
  readonly hasEnded: (holder: string) => boolean;
}

/** Of a host for which it has been waited in vain. */
export const STILL_BUSY = {
  code: 'host-restoring',
  reason: 'it is still restoring itself after a lost run',
  remedy: 'find out on the host why /var/lib/kplay/when-lost does not end, then run again',
} as const;

const PAUSE_MS = 500;
/** Putting files back takes seconds. */
const HOST_LIMIT_MS = 120_000;
/**
 * A script that a lost run has begun comes to its end, and what it says fails to be sent: a cut that has been mended is noticed
 * when that is sent again, two minutes later at most (TCP_RTO_MAX). A shell that has nothing to say stays for longer than one waits.
 */
const SHELL_LIMIT_MS = 130_000;

/**
 * Waits while a host is in the hands of what a lost run has left: its shell, which is at its last script, or the host itself,
 * which puts itself back. That passes by itself; a run that is at work is not waited for. `look` is asked until then.
 * @returns who holds the host in spite of it; undefined when nobody does.
 */
export async function untilLeft(
  host: string,
  look: () => Promise<HostHolder | undefined>,
  tools: HostWaitTools,
): Promise<HostHolder | undefined> {
  const started = tools.clock().getTime();
  for (;;) {
    const holder = await look();
    const limitMs = holder && limitOf(holder, tools);
    const elapsedMs = tools.clock().getTime() - started;
    if (limitMs === undefined || elapsedMs >= limitMs || tools.stop.aborted) return holder;
    const message = holder?.kind === 'host' ? 'it restores itself after a lost run' : "a lost run's last script ends";
    tools.emit({ type: 'host-waiting', host, message, elapsedMs, limitMs });
    await tools.wait(PAUSE_MS, tools.abort);
  }
}

/** How long it may take; undefined for who is not waited for. */
function limitOf(holder: HostHolder, { hasEnded }: HostWaitTools): number | undefined {
  if (holder.kind === 'host') return HOST_LIMIT_MS;
  return hasEnded(holder.name) ? SHELL_LIMIT_MS : undefined;
}
