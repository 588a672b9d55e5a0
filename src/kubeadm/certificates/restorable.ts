import { DAY_MS } from '../../core/duration.ts';

/**
 * Restoring certificates that expire within a day is no help: the cluster would be down again before anybody looks.
 * @param end milliseconds since the epoch
 */
export function isTooLateToRestore(end: number, now: Date): boolean {
  return end < now.getTime() + DAY_MS;
}

/** Whether a backup is judged by this certificate. kubelet makes its serving pair itself, and nobody verifies it. */
export function decidesRestore(name: string): boolean {
  return name !== 'kubelet-server';
}
