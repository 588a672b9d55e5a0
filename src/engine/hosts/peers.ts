import type { Step } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import type { HostState } from './host-state.ts';

/**
 * The worlds of the other hosts of a play, without unreachable ones. A view, because separate maps for each host would grow
 * quadratically with the number of hosts.
 */
export class Peers implements ReadonlyMap<string, World> {
  readonly #all: ReadonlyMap<string, Pick<HostState, 'world' | 'unreachable'>>;
  readonly #self: string;

  constructor(all: ReadonlyMap<string, Pick<HostState, 'world' | 'unreachable'>>, self: string) {
    this.#all = all;
    this.#self = self;
  }

  get size(): number {
    return [...this.entries()].length;
  }

  get(name: string): World | undefined {
    const state = name === this.#self ? undefined : this.#all.get(name);
    return state?.unreachable === undefined ? state?.world : undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *entries(): MapIterator<[string, World]> {
    for (const [name, { world, unreachable }] of this.#all)
      if (name !== this.#self && unreachable === undefined) yield [name, world];
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

const NO_PEERS: ReadonlyMap<string, World> = new Map();

/** The peers that a step sees: none, unless it declares that it reads them. */
export function visiblePeers({ readsPeers }: Step, peers: ReadonlyMap<string, World>): ReadonlyMap<string, World> {
  return readsPeers ? peers : NO_PEERS;
}
