import { type ClusterRef, clusterText } from '../core/cluster.ts';
import type { Event } from '../core/events/event.ts';
import type { Note } from './notes.ts';
import { PlayState } from './play-state.ts';

/** A play as its events tell it: the whole of it, and the part of each cluster that is in hand. */
export class PlayParts {
  #whole = new PlayState({ play: '', hosts: [] }, 0);
  readonly #parts = new Map<string, PlayState>();

  get whole(): PlayState {
    return this.#whole;
  }

  /** The clusters that are in hand, in the order in which they were begun. */
  get inProgress(): readonly PlayState[] {
    return [...this.#parts.values()];
  }

  /** What an event is of: the part of a cluster that is in hand, or the play. */
  of(event: Event): PlayState {
    const cluster = clusterOf(event);
    return (cluster && this.#parts.get(clusterText(cluster))) ?? this.#whole;
  }

  /** Takes the next event; what a reader must not miss of it is returned. What it is of stays in hand until `settle`. */
  apply(event: Event, nowMs: number): Note | undefined {
    if (event.type === 'play-started') {
      this.#whole = new PlayState(event, nowMs);
      this.#parts.clear();
    } else if (event.type === 'cluster-started')
      this.#parts.set(clusterText(event.cluster), this.#whole.partOf(event, nowMs));
    return this.of(event).apply(event, nowMs);
  }

  /** A cluster is in hand no longer. */
  settle(cluster: ClusterRef): void {
    this.#parts.delete(clusterText(cluster));
  }
}

/** The cluster that an event is told of. */
export function clusterOf(event: Event): ClusterRef | undefined {
  return 'cluster' in event ? event.cluster : undefined;
}
