import { isIP } from 'node:net';
import type { HostInfo } from '../../core/step.ts';
import { World } from '../../core/world.ts';
import type { CompiledHost } from '../program/compiled.ts';
import type { Registered } from '../program/place.ts';

/** What is known of a host at one point between the tasks of a play. */
export interface HostState {
  readonly compiled: CompiledHost;
  readonly info: HostInfo;
  readonly world: World;
  /** When each fact was read, by its key. */
  readonly seenAt: ReadonlyMap<string, Date>;
  readonly registered: Registered;
  /** Why it cannot be reached for now, where it goes on all the same (`ignore_unreachable`): nothing is known of it. */
  readonly away?: string;
  /** In a plan: an earlier task may run a command on it. */
  readonly isBehindCommand?: true;
  /** In a plan: an earlier task is to change something on it. */
  readonly isBehindChange?: true;
}

/** What is known of a host before anything was asked. */
export function unseenState(compiled: CompiledHost, registered: Registered): HostState {
  return { compiled, info: infoOf(compiled), world: World.empty, seenAt: new Map(), registered };
}

/** A host of which nothing is known any more, or not yet. @param why it cannot be reached */
export function awayState({ compiled, registered }: HostState, why: string): HostState {
  return { ...unseenState(compiled, registered), away: why };
}

function infoOf({ host, vars }: CompiledHost): HostInfo {
  const address = vars.get('ansible_host');
  const literal = address?.kind === 'constant' && typeof address.value === 'string' ? address.value : host.name;
  return { name: host.name, groups: host.groups, ...(isIP(literal) !== 0 && { address: literal }) };
}

/** Another host in the same state, with variables of its own. */
export function standingIn(state: HostState, compiled: CompiledHost, registered: Registered): HostState {
  return { ...state, compiled, info: infoOf(compiled), registered };
}
