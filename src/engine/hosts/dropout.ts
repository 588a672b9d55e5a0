import type { EventSink } from '../../core/events/event.ts';
import { UnreachableError } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';

/** Reports that a host is unreachable. @throws `error` itself if it means anything else */
export function reportUnreachableOrRethrow(host: string, error: unknown, emit: EventSink): void {
  if (!(error instanceof UnreachableError)) throw error;
  const { reason: cause, message: reason, remedy } = error;
  emit({ type: 'host-unreachable', host, cause, reason, ...(remedy !== undefined && { remedy }) });
}

/**
 * Reports that a host cannot be observed: it is lost, or its answer cannot be parsed. @throws `error` itself if it means
 * anything else
 */
export function reportUnobservableOrRethrow(host: string, error: unknown, emit: EventSink): void {
  if (error instanceof StepFailure) {
    const { message: reason, remedy } = error;
    emit({ type: 'host-unreachable', host, cause: 'shell', reason, ...(remedy !== undefined && { remedy }) });
  } else reportUnreachableOrRethrow(host, error, emit);
}

/**
 * Warns that a host is unreachable but goes on (`ignore_unreachable`). @returns why. @throws `error` itself if it means
 * anything else
 */
export function warnUnreachableOrRethrow(host: string, error: unknown, emit: EventSink): string {
  if (!(error instanceof UnreachableError)) throw error;
  const { message, remedy } = error;
  emit({
    type: 'warning',
    hosts: [host],
    message: `it cannot be reached, and is tried again task by task: ${message}`,
    ...(remedy !== undefined && { remedy }),
  });
  return message;
}
