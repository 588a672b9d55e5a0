import type { ClusterRef } from '../../core/cluster.ts';
import type { EventSink } from '../../core/events/event.ts';
import { type ClusterTiming, windowOf } from '../clusters/cluster-timing.ts';
import type { CompiledPlay } from '../program/compiled.ts';

/** Where a host stops when its window has shut before its batch; in the place of a task's name. */
export const AT_WINDOW = 'the window of its cluster';

/** Asks whether a play may begin on a cluster now, and reports it when a window forbids that or is overridden. */
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

  /** What became of hosts on which nothing was begun because of a window; undefined when no window was in the way. */
  get shut(): 'refused' | 'left' | undefined {
    return this.#shut;
  }

  /**
   * Whether a part of the work may begin now. A cluster that was shut once stays so for the whole play, because later batches rely
   * on earlier ones.
   * @returns `refused` or `left` when nothing may be begun on these hosts
   */
  ask(hosts: readonly string[], share: number): 'open' | 'refused' | 'left' {
    if (this.#shut) return this.#shut;
    const said = windowOf(this.#play, this.#timing, share);
    if (!said || !this.#timing || said.window.state === 'open') return 'open';
    const { whenShut: whenLater, whenNever = whenLater } = this.#timing;
    const whenShut = said.window.opens === undefined ? whenNever : whenLater;
    const cluster: ClusterRef = { kind: 'declared', name: said.cluster };
    const about = { play: this.#play.name, cluster, hosts, window: said.window };
    if (whenShut.kind === 'overridden') {
      if (!this.#isOverrideReported) this.#emit({ type: 'window-overridden', ...about, reason: whenShut.reason });
      this.#isOverrideReported = true;
      return 'open';
    }
    this.#emit({ type: 'window-shut', ...about, counts: whenShut.kind, remedy: whenShut.remedy });
    this.#shut = whenShut.kind;
    return this.#shut;
  }
}
