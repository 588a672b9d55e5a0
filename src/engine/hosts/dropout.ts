import type { EventSink } from '../../core/event.ts';
import { UnreachableError } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';

/** Tells that a host cannot be reached; throws anything that does not mean that. */
export function reportUnreachable(host: string, error: unknown, emit: EventSink): void {
  if (!(error instanceof UnreachableError)) throw error;
  const { reason, message, remedy } = error;
  emit({ type: 'host-unreachable', host, reason, message, ...(remedy !== undefined && { remedy }) });
}

/** Tells that a host cannot be looked at: it is lost, or answers what nobody understands. Throws anything else. */
export function reportUnseen(host: string, error: unknown, emit: EventSink): void {
  if (error instanceof StepFailure) {
    const { message, remedy } = error;
    emit({ type: 'host-unreachable', host, reason: 'shell', message, ...(remedy !== undefined && { remedy }) });
  } else reportUnreachable(host, error, emit);
}
