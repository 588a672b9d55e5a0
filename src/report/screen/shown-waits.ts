import type { PlayState } from '../progress/play-state.ts';
import type { EventOf } from '../reporter.ts';

/** How long a host has waited when its wait is reported, and the interval between reports. */
const WAIT_MS = 10_000;

/** Which waits a log has reported: each message of a task once, for the host that waits first. */
export class ShownWaits {
  readonly #messages = new WeakMap<PlayState, Set<string>>();
  readonly #shownMs = new Map<string, number>();

  /** What is waited for from here on is reported again: another task begins, or a restore, which may wait for what its task has waited for in vain. */
  startAfresh(play: PlayState): void {
    this.#messages.delete(play);
  }

  isDue(
    play: PlayState,
    { host, message, elapsedMs }: EventOf<'task-progress' | 'host-waiting'>,
    nowMs: number,
  ): boolean {
    const shownMs = this.#shownMs.get(host) ?? Number.NEGATIVE_INFINITY;
    return elapsedMs >= WAIT_MS && nowMs - shownMs >= WAIT_MS && this.#messages.get(play)?.has(message) !== true;
  }

  /** Records that it is reported. */
  add(play: PlayState, { host, message }: EventOf<'task-progress' | 'host-waiting'>, nowMs: number): void {
    this.#messages.set(play, (this.#messages.get(play) ?? new Set()).add(message));
    this.#shownMs.set(host, nowMs);
  }
}
