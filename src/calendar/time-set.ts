import { type LocalTime, namedMomentOf, type Wall } from './ical-time.ts';

/** Times that name occurrences: in the zone of these as they are written, in another zone by the moments that they mean. */
export class TimeSet {
  readonly #walls = new Map<string, Set<Wall>>();
  readonly #moments = new Map<string, Set<number>>();

  constructor(times: readonly LocalTime[]) {
    for (const time of times) {
      addTo(this.#walls, time.zone, time.wall);
      addTo(this.#moments, time.zone, namedMomentOf(time));
    }
  }

  has(time: LocalTime): boolean {
    if (this.#walls.get(time.zone)?.has(time.wall)) return true;
    const others = [...this.#moments].filter(([zone]) => zone !== time.zone);
    return others.length > 0 && others.some(([, moments]) => moments.has(namedMomentOf(time)));
  }
}

function addTo(sets: Map<string, Set<number>>, zone: string, value: number): void {
  const known = sets.get(zone) ?? new Set();
  sets.set(zone, known.add(value));
}
