import { type ClusterRef, clusterText } from '../../core/cluster.ts';
import type { Event } from '../../core/events/event.ts';
import type { Note } from '../progress/note.ts';
import { PlayState } from '../progress/play-state.ts';
import { UTC } from '../text/time.ts';

/** The state of a play from its events: as a whole, and the part of each running cluster. */
export class PlayParts {
  #whole = new PlayState({ play: '', hosts: [] }, 0);
  readonly #parts = new Map<string, PlayState>();
  readonly #timeZone: string;

  /** @param timeZone IANA zone of times in notes */
  constructor(timeZone = UTC) {
    this.#timeZone = timeZone;
  }

  get whole(): PlayState {
    return this.#whole;
  }

  /** The running clusters, in the order in which they were started. */
  get inProgress(): readonly PlayState[] {
    return [...this.#parts.values()];
  }

  /** The part of the running cluster that an event is about, or the play. */
  of(event: Event): PlayState {
    const cluster = clusterOf(event);
    return (cluster && this.#parts.get(clusterText(cluster))) ?? this.#whole;
  }

  /** Processes the next event and returns its note, if it has one. A part is kept until `remove`. */
  apply(event: Event, nowMs: number): Note | undefined {
    if (event.type === 'play-started') {
      this.#whole = new PlayState(event, nowMs);
      this.#parts.clear();
    } else if (event.type === 'cluster-started')
      this.#parts.set(clusterText(event.cluster), this.#whole.partOf(event, nowMs));
    return this.of(event).apply(event, nowMs, this.#timeZone);
  }

  /** Removes the part of a cluster. */
  remove(cluster: ClusterRef): void {
    this.#parts.delete(clusterText(cluster));
  }
}

/** The cluster that an event is about. */
export function clusterOf(event: Event): ClusterRef | undefined {
  return 'cluster' in event ? event.cluster : undefined;
}
