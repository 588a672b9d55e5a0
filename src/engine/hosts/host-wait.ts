import type { EventSink } from '../../core/events/event.ts';
import type { HostHolder, RunHolder } from '../../facts/host/host-lock.ts';

/** What waiting for a host needs. */
export interface HostWaitTools {
  readonly emit: EventSink;
  readonly clock: () => Date;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly abort: AbortSignal;
  /** Aborted when nothing new may be started; this ends the wait. */
  readonly stop: AbortSignal;
  /** Whether a run that holds a lock under this name has ended, as far as this machine can tell. */
  readonly hasEnded: (holder: string) => boolean;
  /** Whether a run will release a host without having touched it. */
  readonly releasesSoon?: (holder: RunHolder) => boolean;
}

/** The refusal of a host that was still restoring itself when the wait ended. */
export const STILL_RESTORING = {
  code: 'host-restoring',
  reason: 'it is still restoring itself after a lost run',
  remedy: 'find out on the host why /var/lib/kplay/when-lost does not finish, then run again',
} as const;

const PAUSE_MS = 500;
/** Restoring files takes seconds. */
const HOST_LIMIT_MS = 120_000;
/**
 * The last script of a lost run completes, but its output cannot be sent. If the connection recovers, that is noticed at the
 * next retransmission, after two minutes at most (TCP_RTO_MAX). A shell without output stays for longer than it is waited for.
 */
const SHELL_LIMIT_MS = 130_000;

/** A run that started at the same moment has requested all of its hosts, and releases those that it got: one script each. */
const RIVAL_LIMIT_MS = 60_000;

/**
 * Waits while a host is held by something that will release it: the shell of a lost run at its last script, the host restoring
 * itself, or another run that gives way. A working run is not waited for.
 * @param readHolder finds out who holds the host
 * @returns who still holds it; undefined if nobody does
 */
export async function waitUntilReleased(
  host: string,
  readHolder: () => Promise<HostHolder | undefined>,
  tools: HostWaitTools,
): Promise<HostHolder | undefined> {
  const started = tools.clock().getTime();
  for (;;) {
    const holder = await readHolder();
    const waiting = holder && waitFor(holder, tools);
    const elapsedMs = tools.clock().getTime() - started;
    if (!waiting || elapsedMs >= waiting.limitMs || tools.stop.aborted) return holder;
    tools.emit({ type: 'host-waiting', host, ...waiting, elapsedMs });
    await tools.wait(PAUSE_MS, tools.abort);
  }
}

/** What is waited for, and for how long; undefined if the holder is not waited for. */
function waitFor(
  holder: HostHolder,
  { hasEnded, releasesSoon }: HostWaitTools,
): { readonly message: string; readonly limitMs: number } | undefined {
  if (holder.kind === 'host') return { message: 'it restores itself after a lost run', limitMs: HOST_LIMIT_MS };
  if (hasEnded(holder.name)) return { message: "a lost run's last script ends", limitMs: SHELL_LIMIT_MS };
  if (releasesSoon?.(holder))
    return { message: 'a run that came at the same moment gives it back', limitMs: RIVAL_LIMIT_MS };
  return undefined;
}
