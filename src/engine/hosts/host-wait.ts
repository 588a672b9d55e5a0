import type { EventSink } from '../../core/events/event.ts';
import type { HostHolder, RunHolder } from '../../facts/host/host-lock.ts';

/** What waiting for a host needs of the run. */
export interface HostWaitTools {
  readonly emit: EventSink;
  readonly clock: () => Date;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly abort: AbortSignal;
  /** Aborted when nothing new is to be begun; the wait ends then. */
  readonly stop: AbortSignal;
  /** Whether a run that holds a lock under this name has ended, as far as this machine can tell. */
  readonly hasEnded: (holder: string) => boolean;
  /** Whether a run lets go of a host that it holds without having touched it. */
  readonly givesBack?: (holder: RunHolder) => boolean;
}

/** The refusal of a host that was still restoring itself when the wait ended. */
export const STILL_BUSY = {
  code: 'host-restoring',
  reason: 'it is still restoring itself after a lost run',
  remedy: 'find out on the host why /var/lib/kplay/when-lost does not finish, then run again',
} as const;

const PAUSE_MS = 500;
/** Putting files back takes seconds. */
const HOST_LIMIT_MS = 120_000;
/**
 * A script that a lost run has begun comes to its end, and what it says fails to be sent: a cut that has been mended is noticed
 * when that is sent again, two minutes later at most (TCP_RTO_MAX). A shell that has nothing to say stays for longer than one waits.
 */
const SHELL_LIMIT_MS = 130_000;

/** A run that has come at the same moment has asked for all of its hosts, and gives back what it has got: a script each. */
const RIVAL_LIMIT_MS = 60_000;

/**
 * Waits while a host is held by what will let it go by itself: the shell of a lost run, which is at its last script; the host, which is
 * restoring itself; or another run that gives it back. A run that is at work is not waited for.
 * @param look finds out who holds the host
 * @returns who still holds it; undefined when nobody does.
 */
export async function untilLeft(
  host: string,
  look: () => Promise<HostHolder | undefined>,
  tools: HostWaitTools,
): Promise<HostHolder | undefined> {
  const started = tools.clock().getTime();
  for (;;) {
    const holder = await look();
    const passing = holder && passingOf(holder, tools);
    const elapsedMs = tools.clock().getTime() - started;
    if (!passing || elapsedMs >= passing.limitMs || tools.stop.aborted) return holder;
    tools.emit({ type: 'host-waiting', host, ...passing, elapsedMs });
    await tools.wait(PAUSE_MS, tools.abort);
  }
}

/** What is waited for, and how long that may take; undefined for who is not waited for. */
function passingOf(
  holder: HostHolder,
  { hasEnded, givesBack }: HostWaitTools,
): { readonly message: string; readonly limitMs: number } | undefined {
  if (holder.kind === 'host') return { message: 'it restores itself after a lost run', limitMs: HOST_LIMIT_MS };
  if (hasEnded(holder.name)) return { message: "a lost run's last script ends", limitMs: SHELL_LIMIT_MS };
  if (givesBack?.(holder))
    return { message: 'a run that came at the same moment gives it back', limitMs: RIVAL_LIMIT_MS };
  return undefined;
}
