import { isIP } from 'node:net';
import type { HostInfo } from '../../core/step.ts';
import { World } from '../../core/world.ts';
import type { CompiledHost } from '../program/compiled.ts';
import type { Registered } from '../program/place.ts';

/** What is known about a host at one point between the tasks of a play. */
export interface HostState {
  readonly compiled: CompiledHost;
  readonly info: HostInfo;
  readonly world: World;
  /** When each fact was read, by its key. */
  readonly observedAt: ReadonlyMap<string, Date>;
  readonly registered: Registered;
  /** Why it is unreachable at present, if it goes on regardless (`ignore_unreachable`): nothing is known about it. */
  readonly unreachable?: string;
  /** In a plan: an earlier task may run a command on it. */
  readonly isBehindCommand?: true;
  /** In a plan: an earlier task will change something on it. */
  readonly isBehindChange?: true;
}

/** The state of a host before anything was observed. */
export function initialState(compiled: CompiledHost, registered: Registered): HostState {
  return { compiled, info: infoOf(compiled), world: World.empty, observedAt: new Map(), registered };
}

/** The state of an unreachable host, about which nothing is known. @param why why it is unreachable */
export function unreachableState({ compiled, registered }: HostState, why: string): HostState {
  return { ...initialState(compiled, registered), unreachable: why };
}

function infoOf({ host, vars }: CompiledHost): HostInfo {
  const address = vars.get('ansible_host');
  const literal = address?.kind === 'constant' && typeof address.value === 'string' ? address.value : host.name;
  return { name: host.name, groups: host.groups, ...(isIP(literal) !== 0 && { address: literal }) };
}

/** The same state for another host, with its own variables. */
export function representedState(state: HostState, compiled: CompiledHost, registered: Registered): HostState {
  return { ...state, compiled, info: infoOf(compiled), registered };
}
