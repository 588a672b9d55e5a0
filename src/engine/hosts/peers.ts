import type { Step } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import type { HostState } from './host-state.ts';

/**
 * The worlds of the other hosts of a play, without those that cannot be reached. A view, because a map of its own for each host would grow
 * with the square of the fleet.
 */
export class Peers implements ReadonlyMap<string, World> {
  readonly #all: ReadonlyMap<string, Pick<HostState, 'world' | 'away'>>;
  readonly #self: string;

  constructor(all: ReadonlyMap<string, Pick<HostState, 'world' | 'away'>>, self: string) {
    this.#all = all;
    this.#self = self;
  }

  get size(): number {
    return [...this.entries()].length;
  }

  get(name: string): World | undefined {
    const state = name === this.#self ? undefined : this.#all.get(name);
    return state?.away === undefined ? state?.world : undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *entries(): MapIterator<[string, World]> {
    for (const [name, { world, away }] of this.#all) if (name !== this.#self && away === undefined) yield [name, world];
  }

  *keys(): MapIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): MapIterator<World> {
    for (const [, world] of this.entries()) yield world;
  }

  [Symbol.iterator](): MapIterator<[string, World]> {
    return this.entries();
  }

  forEach(visit: (world: World, name: string, map: ReadonlyMap<string, World>) => void): void {
    for (const [name, world] of this.entries()) visit(world, name, this);
  }
}

/** The worlds of all hosts but one. */
export function peersOf(states: ReadonlyMap<string, HostState>, self: string): ReadonlyMap<string, World> {
  return new Peers(states, self);
}

const NOBODY: ReadonlyMap<string, World> = new Map();

/** Those of the peers that a step sees: none, unless it says that it reads them. */
export function seenBy({ readsPeers }: Step, peers: ReadonlyMap<string, World>): ReadonlyMap<string, World> {
  return readsPeers ? peers : NOBODY;
}
