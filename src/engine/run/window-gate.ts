import type { ClusterRef } from '../../core/cluster.ts';
import type { EventSink } from '../../core/events/event.ts';
import { type ClusterTiming, windowOf } from '../clusters/cluster-timing.ts';
import type { CompiledPlay } from '../program/compiled.ts';

/** Checks whether a play may start on a cluster now, and reports it if a window forbids that or is overridden. */
export class WindowGate {
  readonly #play: CompiledPlay;
  readonly #timing: ClusterTiming | undefined;
  readonly #emit: EventSink;
  #isOverrideReported = false;
  #shut: 'refused' | 'left' | undefined;

  constructor(play: CompiledPlay, timing: ClusterTiming | undefined, emit: EventSink) {
    this.#play = play;
    this.#timing = timing;
    this.#emit = emit;
  }

  /** The outcome for hosts that were not started because of a window; undefined if no window was shut. */
  get shut(): 'refused' | 'left' | undefined {
    return this.#shut;
  }

  /**
   * Whether a part of the work may start now. Once shut, a cluster stays shut for the whole play, because later batches rely on
   * earlier ones.
   * @param hosts all on which nothing is started if it is shut: it is reported once
   * @returns `refused` or `left` if nothing may be started on these hosts
   */
  check(hosts: () => readonly string[], share: number): 'open' | 'refused' | 'left' {
    if (this.#shut) return this.#shut;
    const current = windowOf(this.#play, this.#timing, share);
    if (!current || !this.#timing || current.window.state === 'open') return 'open';
    const { whenShut: whenLater, whenNever = whenLater } = this.#timing;
    const whenShut = current.window.opens === undefined ? whenNever : whenLater;
    const cluster: ClusterRef = { kind: 'declared', name: current.cluster };
    const about = { play: this.#play.name, cluster, hosts: hosts(), window: current.window };
    if (whenShut.kind === 'overridden') {
      if (!this.#isOverrideReported) this.#emit({ type: 'window-overridden', ...about, reason: whenShut.reason });
      this.#isOverrideReported = true;
      return 'open';
    }
    const { kind, ...then } = whenShut;
    this.#emit({ type: 'window-shut', ...about, counts: kind, ...then });
    this.#shut = whenShut.kind;
    return this.#shut;
  }
}
