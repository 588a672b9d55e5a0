import type { RefusePlan } from '../../core/plan.ts';
import type { Order } from '../../core/strategy.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledPlay } from '../program/compiled.ts';
import { linearOrder } from '../walk/serial.ts';
import { worldsOf } from './ordered-plan.ts';

/**
 * The order of a play, which its strategy chooses by what is known of its hosts; `states` has those of which something is.
 * @param refused hosts that the plan refuses, and why
 */
export function orderOf(
  play: CompiledPlay,
  states: ReadonlyMap<string, HostState>,
  now: Date,
  refused: ReadonlyMap<string, string> = new Map(),
): Order | RefusePlan {
  if (!play.strategy || states.size === 0) return linearOrder([...states.keys()], play);
  const unseen = play.hosts.map(({ host }) => host.name).filter((name) => !states.has(name));
  return play.strategy.order(worldsOf(states), {
    now,
    unseen,
    refused,
    leftOut: play.leftOut.map(({ name, vars }) => ({ name, address: String(vars.get('ansible_host')?.value ?? name) })),
    ...(play.forcedOrder !== undefined && { forced: play.forcedOrder }),
  });
}
