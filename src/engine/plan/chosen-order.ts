import type { RefusePlan } from '../../core/plan.ts';
import type { Order } from '../../core/strategy.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledPlay } from '../program/compiled.ts';
import { serialOrder } from '../walk/serial.ts';
import { worldsOf } from './ordered-plan.ts';

/**
 * The order of a play, which its strategy chooses by what is known of its hosts; `states` has those of which something is.
 * @param beginning the hosts that `serial` divides: those that were in the run when the play began, reached or not
 * @param refused hosts that the plan refuses, and why
 */
export function orderOf(
  play: CompiledPlay,
  states: ReadonlyMap<string, HostState>,
  beginning: ReadonlySet<string>,
  now: Date,
  refused: ReadonlyMap<string, string> = new Map(),
): Order | RefusePlan {
  const names = play.hosts.map(({ host }) => host.name);
  if (!play.strategy || states.size === 0)
    return serialOrder(play.serial ? names.filter((name) => beginning.has(name)) : [...states.keys()], play);
  const unseen = names.filter((name) => !states.has(name));
  return play.strategy.order(worldsOf(states), {
    now,
    unseen,
    refused,
    leftOut: play.leftOut.map(({ name, vars }) => ({ name, address: String(vars.get('ansible_host')?.value ?? name) })),
    ...(play.forcedOrder !== undefined && { forced: play.forcedOrder }),
  });
}
